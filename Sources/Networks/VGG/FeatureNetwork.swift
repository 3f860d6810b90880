import Engine
import Synchronization

/// A trained network, ready to give the features of pictures of any size.
///
/// Weights are read and prepared for the engine when a layer is first used, and
/// shared by everything that uses the network; it may be used from any thread.
public final class FeatureNetwork: Sendable {
  /// Its layers.
  public var architecture: Architecture { weights.architecture }
  /// What it expects of a picture's values.
  public var preprocessing: Preprocessing { weights.convention.preprocessing }
  /// Whether pooling layers keep the last row and column of an odd map.
  package var poolingRoundsUp: Bool { weights.poolingRoundsUp }
  /// How its pooling layers work.
  public let pooling: Pooling
  /// What the first convolution reads outside of the picture.
  public let padding: Padding
  /// Where its convolutions come from.
  public let weights: VGGWeights
  /// The network as a graph.
  let vgg: VGGGraph
  private let packed = Mutex<[Key: ConvolutionLayer]>([:])

  private struct Key: Hashable {
    let layer: Layer
    /// Each variant of the kernels packs weights in its own way.
    let kernels: String
  }

  /// Makes a network of weights.
  ///
  /// - Parameters:
  ///   - pooling: how its pooling layers work.
  ///   - padding: what the first layer reads outside of the picture. Zeros, the mean colour, are
  ///     what most networks were trained with; they are an edge around nearly every picture, and
  ///     `.replicate` is not. The other layers read zeros. A network that was trained with
  ///     another padding keeps it everywhere.
  public init(weights: VGGWeights, pooling: Pooling = .average, padding: Padding = .zero) {
    self.weights = weights
    self.pooling = pooling
    self.padding = weights.padding == .zero ? padding : weights.padding
    vgg = VGGGraph(
      weights.architecture, preprocessing: weights.convention.preprocessing,
      pooling: WindowPooling(pooling: pooling, roundingUp: weights.poolingRoundsUp),
      padding: self.padding, innerPadding: weights.padding)
  }
}

extension FeatureNetwork: ConvolutionSource {
  /// Weights come from a file and never change.
  package var version: Int { 0 }

  package func layer(
    _ convolution: Convolution, hasBackward: Bool, workspace: Workspace
  ) throws -> ConvolutionLayer {
    let layer = vgg.layer(of: convolution)
    return try packed.withLock { packed in
      let key = Key(layer: layer, kernels: workspace.kernels.name)
      let ready = packed[key]
      if let ready, ready.backward != nil || !hasBackward { return ready }
      let kernel = try weights.weights(of: layer)
      let shape = convolution.weightShape
      func made(_ direction: PackedConvolution.Direction) -> PackedConvolution {
        PackedConvolution(
          weights: kernel, shape: shape, direction: direction, padding: convolution.padding.mode,
          precision: pooling == .max ? .high : .fast, workspace: workspace)
      }
      let result = ConvolutionLayer(
        forward: ready?.forward ?? made(.forward), backward: hasBackward ? made(.backward) : nil,
        bias: try ready?.bias ?? weights.biases(of: layer))
      packed[key] = result
      return result
    }
  }
}
