import ModelFiles
import Synchronization
import Tensors

/// A trained network, ready to give the features of pictures of any size.
///
/// Weights are read and prepared for the engine when a layer is first used, and
/// shared by everything that uses the network; it may be used from any thread.
public final class FeatureNetwork: Sendable {
  /// Its layers.
  public let architecture: Architecture
  /// What it expects of a picture's values.
  public let preprocessing: Preprocessing
  /// How its pooling layers work.
  public let pooling: Pooling
  /// What the first convolution reads outside of the picture; the others read zeros.
  public let padding: Padding
  private let file: SafetensorsFile
  private let prepared = Mutex<[Key: ConvolutionLayer]>([:])

  private struct Key: Hashable {
    let layer: Layer
    /// Each variant of the kernels packs weights in its own way.
    let kernels: String
  }

  /// Opens the weights of a model.
  ///
  /// - Parameters:
  ///   - file: tensors `convB_I.weight` `[outputs, inputs, 3, 3]` and `convB_I.bias` `[outputs]`.
  ///   - pooling: how its pooling layers work.
  ///   - padding: zeros, the mean colour, are what networks were trained with. They are an edge
  ///     around nearly every picture, and `.replicate` is not.
  /// - Throws: `ModelFileError.missingTensor` unless all weights are there.
  public init(
    architecture: Architecture, preprocessing: Preprocessing, file: SafetensorsFile,
    pooling: Pooling = .average, padding: Padding = .zero
  ) throws {
    self.architecture = architecture
    self.preprocessing = preprocessing
    self.file = file
    self.pooling = pooling
    self.padding = padding
    for layer in architecture.layers where layer.kind == .convolution {
      for (name, shape) in [weightName(layer), biasName(layer)]
      where file.entries[name]?.shape != shape {
        throw ModelFileError.missingTensor(path: file.path, name: name, expected: shape)
      }
    }
  }

  /// The convolution that computes a layer, with its backward if that is wanted.
  func layer(_ layer: Layer, hasBackward: Bool, workspace: Workspace) throws -> ConvolutionLayer {
    try prepared.withLock { prepared in
      let key = Key(layer: layer, kernels: workspace.kernels.name)
      let ready = prepared[key]
      if let ready, ready.backward != nil || !hasBackward { return ready }
      let (weightName, shape) = weightName(layer)
      let weights = try file.floats(weightName, shape: shape)
      func made(_ direction: Convolution.Direction) -> Convolution {
        Convolution(
          weights: weights, shape: shape, direction: direction,
          padding: layer.index == 0 ? padding : .zero,
          precision: pooling == .max ? .high : .fast,
          workspace: workspace)
      }
      let (biasName, biasShape) = biasName(layer)
      let result = ConvolutionLayer(
        forward: ready?.forward ?? made(.forward), backward: hasBackward ? made(.backward) : nil,
        bias: try ready?.bias ?? file.floats(biasName, shape: biasShape))
      prepared[key] = result
      return result
    }
  }

  private func weightName(_ layer: Layer) -> (name: String, shape: [Int]) {
    (
      "conv\(layer.block)_\(layer.number).weight",
      [layer.channels, architecture.inputs(of: layer), 3, 3]
    )
  }

  private func biasName(_ layer: Layer) -> (name: String, shape: [Int]) {
    ("conv\(layer.block)_\(layer.number).bias", [layer.channels])
  }
}
