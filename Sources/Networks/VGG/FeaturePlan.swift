import Engine
import Files

/// Finds the steps to the deepest of some layers.
struct FeaturePlan {
  private(set) var steps: [FeatureStep] = []
  private let network: FeatureNetwork
  private let features: Set<Layer>
  private let taps: Set<Layer>
  private let hasGradient: Bool
  private let workspace: Workspace
  /// Of the last step's map.
  private var shape: MapShape

  /// - Parameters:
  ///   - features: layers whose maps are to be read.
  ///   - grams: layers whose Gram matrices are.
  /// - Throws: `ModelFileError` of the weights.
  init(
    _ network: FeatureNetwork, picture: MapShape, features: Set<Layer>, grams: Set<Layer>,
    hasGradient: Bool, workspace: Workspace
  ) throws {
    self.network = network
    self.features = features
    taps = features.union(grams)
    self.hasGradient = hasGradient
    self.workspace = workspace
    shape = picture
    var index = try addFirstBlock() ?? 0
    while index <= depth {
      index = try layers[index].kind == .pooling ? addPooling(index) : addConvolution(index)
    }
  }

  private var layers: [Layer] { network.architecture.layers }
  private var roundsUp: Bool { network.poolingRoundsUp }
  private var depth: Int { taps.map(\.index).max()! }

  /// The first block in one go, if nothing of it is asked for but the Gram matrix of its
  /// first layer.
  ///
  /// - Returns: the layer to go on with.
  private mutating func addFirstBlock() throws -> Int? {
    let kinds: [Layer.Kind] = [.convolution, .relu, .convolution, .relu, .pooling]
    let end = kinds.count - 1
    guard layers.prefix(kinds.count).map(\.kind) == kinds, depth >= end,
      network.weights.padding == .zero, !roundsUp,
      !taps.contains(where: { $0.index < end && $0 != layers[1] }), !features.contains(layers[1]),
      let block = try FirstBlock(
        first: convolution(0), second: convolution(2), padding: network.padding,
        scale: network.preprocessing.scale, mean: network.preprocessing.mean, workspace: workspace)
    else { return nil }
    shape.channels = layers[end].channels
    let bits = SignBits(count: shape.count)
    shape = network.pooling.outputShape(of: shape)
    add(layers[end], .firstBlock(block, bits), isInPlace: taps.contains(layers[end]))
    return end + 1
  }

  private mutating func addPooling(_ index: Int) -> Int {
    shape = network.pooling.outputShape(of: shape, roundingUp: roundsUp)
    add(layers[index], .pooling, isInPlace: taps.contains(layers[index]))
    return index + 1
  }

  /// A convolution with its ReLU, and the pooling layer after it if it can be a part.
  private mutating func addConvolution(_ index: Int) throws -> Int {
    let (before, relu, next) = (layers[index], layers[index + 1], layers[index + 2])
    let layer = try convolution(index)
    shape.channels = before.channels
    let isTapped = taps.contains(relu) || taps.contains(before)
    let isPooled = next.kind == .pooling && next.index <= depth
    if isPooled, !isTapped, layer.canPool, !roundsUp {
      let bits = SignBits(count: shape.count)
      shape = network.pooling.outputShape(of: shape)
      add(next, .pooledConvolution(layer, bits), isInPlace: taps.contains(next))
      return index + 3
    }
    // Only a convolution that writes signs can do without its map.
    let keepsMap = isTapped || isPooled || !layer.canPool
    let signs = keepsMap || !hasGradient ? nil : SignBits(count: shape.count)
    add(
      relu, .convolution(layer, signs), isInPlace: keepsMap,
      preactivation: taps.contains(before) ? before : nil)
    return index + 2
  }

  private func convolution(_ index: Int) throws -> ConvolutionLayer {
    try network.layer(layers[index], hasBackward: hasGradient, workspace: workspace)
  }

  private mutating func add(
    _ layer: Layer, _ operation: FeatureStep.Operation, isInPlace: Bool,
    preactivation: Layer? = nil
  ) {
    steps.append(
      FeatureStep(
        layer: layer, shape: shape, operation: operation, preactivation: preactivation,
        isInPlace: isInPlace))
  }
}
