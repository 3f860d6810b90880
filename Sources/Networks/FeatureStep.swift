import Tensors

/// One step of an extractor: what is computed at once, from one map to the next.
struct FeatureStep {
  /// The layer whose output the step's map is.
  let layer: Layer
  /// The shape of the map.
  let shape: MapShape
  let operation: Operation
  /// The tap before a convolution's ReLU, if it is used.
  let preactivation: Layer?
  /// Whether the gradient with respect to the map takes the map's place, because the map
  /// itself is needed until then.
  let isInPlace: Bool

  enum Operation {
    /// conv1_1 to pool1.
    case firstBlock(FirstBlock, SignBits)
    /// A convolution with its ReLU. The signs are there where the map is not kept for
    /// the way back.
    case convolution(ConvolutionLayer, SignBits?)
    /// A convolution with its ReLU and the pooling layer after it.
    case pooledConvolution(ConvolutionLayer, SignBits)
    case pooling
  }
}

extension FeatureStep {
  /// The steps to the deepest of some taps.
  static func plan(
    _ network: FeatureNetwork, picture: MapShape, features: Set<Layer>, grams: Set<Layer>,
    hasGradient: Bool, workspace: Workspace
  ) throws -> [FeatureStep] {
    let taps = features.union(grams)
    let all = network.architecture.layers
    let depth = taps.map(\.index).max()!
    var steps: [FeatureStep] = []
    var shape = picture
    var index = 0
    if let (block, end) = try firstBlock(
      network, features: features, grams: grams, hasGradient: hasGradient, workspace: workspace)
    {
      shape.channels = all[end].channels
      let bits = SignBits(count: shape.count)
      shape = network.pooling.outputShape(of: shape)
      steps.append(
        FeatureStep(
          layer: all[end], shape: shape, operation: .firstBlock(block, bits), preactivation: nil,
          isInPlace: taps.contains(all[end])))
      index = end + 1
    }
    while index <= depth {
      if all[index].kind == .pooling {
        shape = network.pooling.outputShape(of: shape)
        steps.append(
          FeatureStep(
            layer: all[index], shape: shape, operation: .pooling, preactivation: nil,
            isInPlace: taps.contains(all[index])))
        index += 1
        continue
      }
      let (convolution, relu, next) = (all[index], all[index + 1], all[index + 2])
      let layer = try network.layer(
        convolution, hasBackward: hasGradient, workspace: workspace)
      shape.channels = convolution.channels
      let isTapped = taps.contains(relu) || taps.contains(convolution)
      let isPooled = next.kind == .pooling && next.index <= depth
      if isPooled, !isTapped, layer.canPool {
        let bits = SignBits(count: shape.count)
        shape = network.pooling.outputShape(of: shape)
        steps.append(
          FeatureStep(
            layer: next, shape: shape, operation: .pooledConvolution(layer, bits),
            preactivation: nil, isInPlace: taps.contains(next)))
        index += 3
        continue
      }
      // Only a convolution that writes signs can do without its map.
      let keepsMap = isTapped || isPooled || !layer.canPool
      let signs = keepsMap || !hasGradient ? nil : SignBits(count: shape.count)
      steps.append(
        FeatureStep(
          layer: relu, shape: shape, operation: .convolution(layer, signs),
          preactivation: taps.contains(convolution) ? convolution : nil, isInPlace: keepsMap))
      index += 2
    }
    return steps
  }

  /// The first block in one go, if nothing of it is asked for but the Gram matrix of its
  /// first layer, with the index of the layer that it ends at.
  private static func firstBlock(
    _ network: FeatureNetwork, features: Set<Layer>, grams: Set<Layer>, hasGradient: Bool,
    workspace: Workspace
  ) throws -> (FirstBlock, end: Int)? {
    let layers = network.architecture.layers
    let end = 4
    let kinds: [Layer.Kind] = [.convolution, .relu, .convolution, .relu, .pooling]
    let taps = features.union(grams)
    guard layers.prefix(end + 1).map(\.kind) == kinds, taps.contains(where: { $0.index >= end }),
      !taps.contains(where: { $0.index < end && $0 != layers[1] }), !features.contains(layers[1])
    else { return nil }
    func layer(_ index: Int) throws -> ConvolutionLayer {
      try network.layer(layers[index], hasBackward: hasGradient, workspace: workspace)
    }
    let preprocessing = network.preprocessing
    return try FirstBlock(
      first: layer(0), second: layer(2), scale: preprocessing.scale, mean: preprocessing.mean,
      workspace: workspace
    ).map { ($0, end) }
  }
}
