/// Finds the steps of a plan: selects the nodes that are needed, and fuses them into steps.
struct Fusion {
  private(set) var steps: [Plan.Step] = []
  private let graph: Graph
  private let features: Set<Graph.Value>
  private let grams: Set<Graph.Value>
  private let gradients: Plan.Gradients
  private let kernels: Kernels
  /// The needed nodes that read a value.
  private let consumers: [Graph.Value: [Graph.Value]]

  init(
    _ graph: Graph, features: Set<Graph.Value>, grams: Set<Graph.Value>,
    gradients: Plan.Gradients, kernels: Kernels
  ) {
    self.graph = graph
    self.features = features
    self.grams = grams
    self.gradients = gradients
    self.kernels = kernels
    let needed = graph.dependencies(of: features.union(grams))
    consumers = needed.reduce(into: [:]) { consumers, value in
      for input in graph[value].inputs { consumers[input, default: []].append(value) }
    }
    var covered: Set<Graph.Value> = []
    for value in needed where !covered.contains(value) && !(graph[value].operation is Input) {
      let step =
        firstBlock(at: value) ?? convolution(at: value) ?? pooling(at: value) ?? norm(at: value)
        ?? Plan.Step(.operation, nodes: [value])
      steps.append(step)
      covered.formUnion(step.nodes)
    }
  }

  private func isTapped(_ value: Graph.Value) -> Bool {
    features.contains(value) || grams.contains(value)
  }

  /// The only node that reads a value; nil if none or several do.
  private func next(_ value: Graph.Value) -> Graph.Value? {
    guard let all = consumers[value], all.count == 1 else { return nil }
    return all[0]
  }

  /// The operation of the only node that reads a value.
  private func next<Kind: Operation>(_ value: Graph.Value, _ kind: Kind.Type)
    -> (value: Graph.Value, operation: Kind)?
  {
    next(value).flatMap { next in (graph[next].operation as? Kind).map { (next, $0) } }
  }

  private func packed(_ value: Graph.Value) -> PackedShape? {
    PackedShape(graph[value].operation, kernels: kernels)
  }

  // MARK: Rules

  /// VGG's first block, if no value in it is tapped except for the Gram matrix of the first ReLU.
  private func firstBlock(at value: Graph.Value) -> Plan.Step? {
    guard !gradients.contains(.parameters), graph[value].operation is Affine,
      let input = graph[value].inputs.first, graph[input].operation is Input,
      let (first, _) = next(value, Convolution.self),
      let (firstReLU, _) = next(first, ReLU.self),
      let (second, convolution) = next(firstReLU, Convolution.self),
      let (secondReLU, _) = next(second, ReLU.self),
      let (pool, pooling) = next(secondReLU, WindowPooling.self), !pooling.roundingUp,
      ![value, first, second, secondReLU].contains(where: isTapped), !features.contains(firstReLU),
      next(input) == value, convolution.padding.mode == .zero,
      FirstBlock.canCompute(
        first: packed(first), second: packed(second), hasGradient: !gradients.isEmpty)
    else { return nil }
    return Plan.Step(.firstBlock, nodes: [value, first, firstReLU, second, secondReLU, pool])
  }

  /// A convolution with its ReLU, and with the next pooling layer if one step can compute all.
  private func convolution(at value: Graph.Value) -> Plan.Step? {
    guard let shape = packed(value) else { return nil }
    guard let (relu, _) = next(value, ReLU.self) else {
      return Plan.Step(
        .convolution(relu: false, pooling: nil, keepsSigns: false), nodes: [value])
    }
    let canPool = shape.canPool(hasBackward: !gradients.isEmpty)
    let isRead = isTapped(value) || isTapped(relu)
    let pool = next(relu, WindowPooling.self)
    if let pool, !isRead, canPool, !pool.operation.roundingUp, !gradients.contains(.parameters) {
      return Plan.Step(
        .convolution(relu: true, pooling: pool.operation.pooling, keepsSigns: true),
        nodes: [value, relu, pool.value])
    }
    // Only Winograd's method writes signs and reads them.
    let signsSuffice =
      gradients == .inputs && !isRead && canPool
      && next(relu).flatMap(packed)?.canPool(hasBackward: true) == true
    return Plan.Step(
      .convolution(relu: true, pooling: nil, keepsSigns: signsSuffice), nodes: [value, relu],
      preactivation: isTapped(value) ? value : nil)
  }

  /// An instance norm, with the ReLU or the sum that is its only reader.
  private func norm(at value: Graph.Value) -> Plan.Step? {
    guard graph[value].operation is InstanceNorm else { return nil }
    if !isTapped(value) {
      if let (relu, _) = next(value, ReLU.self) {
        return Plan.Step(.norm(relu: true), nodes: [value, relu])
      }
      // The other value was computed before if it has a smaller index.
      if let (sum, _) = next(value, Add.self),
        let other = graph[sum].inputs.first(where: { $0 != value }), other.index < value.index
      {
        return Plan.Step(.norm(relu: false), nodes: [value, sum])
      }
    }
    return Plan.Step(.norm(relu: false), nodes: [value])
  }

  /// A pooling layer that is the only reader of a convolution's ReLU.
  private func pooling(at value: Graph.Value) -> Plan.Step? {
    guard graph[value].operation is WindowPooling, !gradients.isEmpty,
      let step = steps.first(where: { $0.output == graph[value].inputs[0] }),
      case .convolution(relu: true, pooling: nil, _) = step.kind, next(step.output) == value
    else { return nil }
    return Plan.Step(.poolingOfReLU, nodes: [value])
  }
}

/// The shape of a convolution that the fast methods can compute: stride 1 and size-preserving.
struct PackedShape {
  let inputs: Int
  let outputs: Int
  let size: Int
  let padding: Padding
  private let channelMultiple: Int

  /// Returns nil for another operation, or for a convolution that only the general method computes.
  init?(_ operation: any Operation, kernels: Kernels) {
    guard let convolution = operation as? Convolution, convolution.isSame else { return nil }
    inputs = convolution.inputs
    outputs = convolution.outputs
    size = convolution.size
    padding = convolution.padding.mode
    channelMultiple = kernels.channelMultiple
  }

  /// Whether the convolution uses Winograd's method.
  var isWinograd: Bool {
    PackedConvolution.isWinograd(
      inputs: inputs, outputs: outputs, size: size, channelMultiple: channelMultiple)
  }

  /// Whether pooling can be fused into the convolution, and into its backward pass if there is one.
  func canPool(hasBackward: Bool) -> Bool {
    isWinograd && (!hasBackward || padding == .zero)
  }
}
