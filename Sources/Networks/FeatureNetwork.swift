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
  private let file: SafetensorsFile
  private let prepared = Mutex<[Key: PreparedConvolution]>([:])

  private struct Key: Hashable {
    let layer: Layer
    let direction: Convolution.Direction
    /// Each variant of the kernels packs weights in its own way.
    let kernels: String
  }

  /// Opens the weights of a model.
  ///
  /// - Parameters:
  ///   - file: tensors `convB_I.weight` `[outputs, inputs, 3, 3]` and `convB_I.bias` `[outputs]`.
  ///   - pooling: how its pooling layers work.
  /// - Throws: `ModelFileError.missingTensor` unless all weights are there.
  public init(
    architecture: Architecture, preprocessing: Preprocessing, file: SafetensorsFile,
    pooling: Pooling = .average
  ) throws {
    self.architecture = architecture
    self.preprocessing = preprocessing
    self.file = file
    self.pooling = pooling
    for layer in architecture.layers where layer.kind == .convolution {
      for (name, shape) in [weightName(layer), biasName(layer)]
      where file.entries[name]?.shape != shape {
        throw ModelFileError.missingTensor(path: file.path, name: name, expected: shape)
      }
    }
  }

  /// A convolution with its transformed weights.
  struct PreparedConvolution: Sendable {
    let convolution: Convolution
    let bias: FloatBuffer
  }

  /// The convolution that computes a layer, prepared for a direction.
  func convolution(
    _ layer: Layer, _ direction: Convolution.Direction, workspace: Workspace
  ) throws -> PreparedConvolution {
    try prepared.withLock { prepared in
      let key = Key(layer: layer, direction: direction, kernels: workspace.kernels.name)
      if let ready = prepared[key] { return ready }
      let (weights, shape) = weightName(layer)
      let (bias, biasShape) = biasName(layer)
      let made = PreparedConvolution(
        convolution: Convolution(
          weights: try file.tensor(weights, shape: shape), direction: direction,
          workspace: workspace),
        bias: FloatBuffer(try file.tensor(bias, shape: biasShape).elements))
      prepared[key] = made
      return made
    }
  }

  private func weightName(_ layer: Layer) -> (name: String, shape: [Int]) {
    let inputs =
      layer.number > 1
      ? layer.channels : layer.block > 1 ? architecture.channels[layer.block - 2] : 3
    return ("conv\(layer.block)_\(layer.number).weight", [layer.channels, inputs, 3, 3])
  }

  private func biasName(_ layer: Layer) -> (name: String, shape: [Int]) {
    ("conv\(layer.block)_\(layer.number).bias", [layer.channels])
  }
}
