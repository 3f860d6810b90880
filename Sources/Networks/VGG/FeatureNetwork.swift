import Engine
import Synchronization

/// A trained network that computes the features of pictures of any size.
///
/// Weights are read and packed for the engine when a layer is first used. All users of a network
/// share them. A network can be used from any thread.
public final class FeatureNetwork: Sendable {
  /// The network's architecture.
  public var architecture: Architecture { weights.architecture }
  /// The preprocessing of a picture's values.
  public var preprocessing: Preprocessing { weights.convention.preprocessing }
  /// Whether pooling layers keep the last row and column of an odd map.
  package var poolingRoundsUp: Bool { weights.poolingRoundsUp }
  /// The operation of the pooling layers.
  public let pooling: Pooling
  /// The padding of the first convolution.
  public let padding: Padding
  /// The weights of the convolutions.
  public let weights: VGGWeights
  /// The precision of the convolutions.
  public let precision: Precision
  /// The engine's precision for `precision`. Max pooling needs a higher one, to choose the same values.
  package var convolutionPrecision: PackedConvolution.Precision {
    precision == .fast ? .mixed : pooling == .max ? .high : .medium
  }
  /// The network as a graph.
  let vgg: VGGGraph
  private let packed = Mutex<[Key: ConvolutionLayer]>([:])

  private struct Key: Hashable {
    let layer: Layer
    /// The name of the kernels, because each variant packs weights differently.
    let kernels: String
  }

  /// Makes a network from weights.
  ///
  /// - Parameters:
  ///   - pooling: the operation of the pooling layers.
  ///   - padding: the padding of the first layer. Most networks were trained with zeros, which
  ///     stand for the mean color and form an edge around nearly every picture; `.replicate`
  ///     avoids it. The other layers are padded with zeros. A network that was trained with another
  ///     padding keeps it in all layers.
  ///   - precision: the precision of the convolutions.
  public init(
    weights: VGGWeights, pooling: Pooling = .average, padding: Padding = .zero,
    precision: Precision = .exact
  ) {
    self.weights = weights
    self.pooling = pooling
    self.precision = precision
    self.padding = weights.padding == .zero ? padding : weights.padding
    vgg = VGGGraph(
      weights.architecture, preprocessing: weights.convention.preprocessing,
      pooling: WindowPooling(pooling: pooling, roundingUp: weights.poolingRoundsUp),
      padding: self.padding, innerPadding: weights.padding)
  }
}

extension FeatureNetwork {
  /// The distance in pixels from which on convolutions repeat their division into tiles: the features of
  /// a part of a picture are computed with the same roundings if it begins at a multiple.
  package func alignment(for layers: some Collection<Layer>) -> Int {
    let deepest = layers.map(\.index).max() ?? 0
    return architecture.layers.filter { $0.kind == .convolution && $0.index <= deepest }
      .reduce(1) { alignment, layer in
        let tile = PackedConvolution.tileSize(
          inputs: architecture.inputs(of: layer), outputs: layer.channels,
          precision: convolutionPrecision)
        return Self.leastCommonMultiple(alignment, layer.stride * tile)
      }
  }

  private static func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
    var (divisor, rest) = (a, b)
    while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
    return a / divisor * b
  }

  /// The bytes of the packed weights for both passes, up to the deepest of some layers.
  package func packedBytes(for layers: some Collection<Layer>, kernels: Kernels) -> Int {
    let deepest = layers.map(\.index).max() ?? 0
    return architecture.layers.filter { $0.kind == .convolution && $0.index <= deepest }
      .reduce(0) {
        let inputs = architecture.inputs(of: $1)
        return $0
          + PackedConvolution.bytes(
            inputs: inputs, outputs: $1.channels, direction: .forward,
            precision: convolutionPrecision, kernels: kernels)
          + PackedConvolution.bytes(
            inputs: $1.channels, outputs: inputs, direction: .backward,
            precision: convolutionPrecision, kernels: kernels)
      }
  }
}

extension FeatureNetwork: ConvolutionSource {
  /// The version of the weights, which never change.
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
          precision: convolutionPrecision, workspace: workspace)
      }
      let result = ConvolutionLayer(
        forward: ready?.forward ?? made(.forward), backward: hasBackward ? made(.backward) : nil,
        bias: try ready?.bias ?? weights.biases(of: layer))
      packed[key] = result
      return result
    }
  }
}
