/// An executor that runs a plan on the CPU.
///
/// The initializer allocates all memory; runs allocate nothing. Only one thread at a time may use
/// an executor.
package final class CPUExecutor {
  package let plan: Plan
  /// The row of conditional parameters that the next run uses.
  package var rows = RowSelection.row(0)
  /// Statistics of instance norms that replace those of the map, by the norm's value. They apply to
  /// plans without gradients.
  package var statistics: [Graph.Value: NormStatistics] = [:]
  /// The part of each value that its Gram matrix includes; the whole map for values without one.
  package var parts: [Graph.Value: MapPart] = [:]
  /// Whether runs compute the plan's Gram matrices.
  package var computesGrams = true
  /// A function that receives the duration of each step.
  package var observer: ((StepTime) -> Void)?

  let flow: GradientFlow
  let workspace: Workspace
  let memory: PlanMemory
  let parameters: ParameterVector?
  let producers: [Graph.Value: Int]
  /// The sign bits of each step; nil for steps without them.
  let signs: [SignBits?]
  let savedStatistics: [FloatBuffer]
  private(set) var layers: [ConvolutionLayer?]
  private(set) var firstBlock: FirstBlock?
  private let source: any ConvolutionSource
  private var sourceVersion: Int
  private let gramMatrices: [Graph.Value: GramMatrix]

  /// Allocates the memory of a plan and packs the weights.
  ///
  /// - Parameters:
  ///   - source: the packed weights of convolutions.
  ///   - parameters: the parameters of other operations. It also receives gradients.
  /// - Throws: any error of `source`.
  package init(
    _ plan: Plan, source: any ConvolutionSource, parameters: ParameterVector? = nil,
    workspace: Workspace
  ) throws {
    self.plan = plan
    self.source = source
    self.parameters = parameters
    self.workspace = workspace
    flow = GradientFlow(plan)
    memory = PlanMemory(plan, flow: flow)
    producers = Dictionary(
      uniqueKeysWithValues: plan.steps.enumerated().map { ($0.element.output, $0.offset) })
    signs = plan.steps.map { step in
      step.signedValue.map { SignBits(count: plan.shapes[$0.index].count) }
    }
    savedStatistics = plan.steps.map { step in
      switch step.kind {
      case .operation, .norm: break
      default: return FloatBuffer(count: 0)
      }
      let node = plan.graph[step.nodes[0]]
      return FloatBuffer(
        count: node.operation.statisticsCount(of: node.inputs.map { plan.shapes[$0.index] }))
    }
    gramMatrices = Dictionary(
      uniqueKeysWithValues: plan.grams.map {
        ($0, GramMatrix(channels: plan.shapes[$0.index].channels, kernels: workspace.kernels))
      })
    layers = []
    sourceVersion = source.version
    try pack()
  }

  /// Creates an executor of a network whose weights are all in one vector.
  package convenience init(_ plan: Plan, parameters: ParameterVector, workspace: Workspace) {
    // A parameter vector never throws.
    try! self.init(plan, source: parameters, parameters: parameters, workspace: workspace)
  }

  private func pack() throws {
    func layer(_ value: Graph.Value, of step: Plan.Step) throws -> ConvolutionLayer {
      try source.layer(
        plan.graph[value].operation as! Convolution,
        hasBackward: flow.needsGradient(plan.inputs(of: step)[0]), workspace: workspace)
    }
    layers = try plan.steps.map { step in
      guard case .convolution = step.kind else { return nil }
      return try layer(step.nodes[0], of: step)
    }
    if let step = plan.steps.first(where: { $0.kind == .firstBlock }) {
      let (first, second) = (step.nodes[1], step.nodes[3])
      firstBlock = try FirstBlock(
        first: layer(first, of: step), second: layer(second, of: step),
        padding: (plan.graph[first].operation as! Convolution).padding.mode,
        affine: plan.graph[step.nodes[0]].operation as! Affine, workspace: workspace)
    }
    sourceVersion = source.version
  }

  // MARK: Forward

  /// Computes the plan's features and Gram matrices.
  ///
  /// - Parameter inputs: `[height, width, channels]` of each of the graph's inputs, in order.
  package func forward(_ inputs: UnsafePointer<Float>...) {
    // Only a parameter vector can change, and packing it never throws.
    if source.version != sourceVersion { try! pack() }
    for index in plan.steps.indices {
      let step = plan.steps[index]
      measured(step, .forward) { forward(step, index, inputs) }
      guard let gram = usedGram(step.output) else { continue }
      measured(step, .gram) {
        gram.update(
          memory.entries[index].map.pointer, positions: shape(of: step.output).positions,
          part: parts[step.output], workspace: workspace)
      }
    }
  }

  /// The Gram matrix of a value that a run computes; nil for none.
  private func usedGram(_ value: Graph.Value) -> GramMatrix? {
    computesGrams ? gramMatrices[value] : nil
  }

  private func forward(_ step: Plan.Step, _ index: Int, _ inputs: [UnsafePointer<Float>]) {
    let map = memory.entries[index].map.pointer
    let first = plan.inputs(of: step)[0]
    let (source, shape) = (pointer(to: first, inputs), shape(of: first))
    switch step.kind {
    case .firstBlock:
      firstBlock!.forward(
        source, height: shape.height, width: shape.width, pooling: pooling(step.output).pooling,
        into: map, signs[index]!, gram: usedGram(step.nodes[2]), part: parts[step.nodes[2]])
    case .convolution(_, .some(let pooling), _):
      let layer = layers[index]!
      layer.forward(
        .map(source), shape,
        into: .pooled(map, signs[index]!, pooling, bias: layer.bias.pointer), workspace: workspace)
    case .convolution(let relu, nil, _):
      convolve(layers[index]!, source, shape, step, index, relu: relu)
    case .poolingOfReLU:
      let operation = pooling(step.output)
      operation.pooling.forward(
        source, shape, roundingUp: operation.roundingUp, into: map, workspace: workspace)
    case .norm(let relu):
      (plan.graph[step.nodes[0]].operation as! InstanceNorm).forward(
        nodeMemory(step, index, inputs), relu: relu,
        addend: plan.addend(of: step).map { pointer(to: $0, inputs) },
        given: statistics[step.nodes[0]], workspace: workspace)
    case .operation:
      plan.graph[step.output].operation.forward(
        nodeMemory(step, index, inputs), workspace: workspace)
    }
  }

  private func convolve(
    _ layer: ConvolutionLayer, _ source: UnsafePointer<Float>, _ shape: MapShape,
    _ step: Plan.Step, _ index: Int, relu: Bool
  ) {
    let map = memory.entries[index].map.pointer
    var epilogue = Epilogue(bias: layer.bias.pointer, relu: relu, signs: signs[index])
    guard let preactivation = step.preactivation else {
      layer.forward(.map(source), shape, into: .map(map, epilogue), workspace: workspace)
      return
    }
    epilogue.relu = false
    let before = memory.entries[index].preactivation!.pointer
    layer.forward(.map(source), shape, into: .map(before, epilogue), workspace: workspace)
    let outputShape = self.shape(of: step.output)
    usedGram(preactivation)?.update(
      before, positions: outputShape.positions, part: parts[preactivation], workspace: workspace)
    workspace.parallelRanges(outputShape.count, length: 1 << 16) { range in
      for i in range { map[i] = max(before[i], 0) }
    }
  }

  // MARK: Results

  /// The map of a value in the plan's features. Valid after `forward` and before `backward`.
  package func map(_ value: Graph.Value) -> UnsafePointer<Float> {
    if let index = producers[value] { return UnsafePointer(memory.entries[index].map.pointer) }
    guard let index = plan.steps.firstIndex(where: { $0.preactivation == value }) else {
      preconditionFailure("The plan does not compute this value.")
    }
    return UnsafePointer(memory.entries[index].preactivation!.pointer)
  }

  /// The Gram matrix of a value in the plan's `grams`. Valid after `forward`.
  package func gram(_ value: Graph.Value) -> GramMatrix { gramMatrices[value]! }

  package func shape(of value: Graph.Value) -> MapShape { plan.shapes[value.index] }

  // MARK: Memory

  /// The memory of a value.
  ///
  /// - Parameter inputs: the graph's inputs.
  func pointer(to value: Graph.Value, _ inputs: [UnsafePointer<Float>]) -> UnsafePointer<Float> {
    if let index = producers[value] { return UnsafePointer(memory.entries[index].map.pointer) }
    return inputs[plan.graph.inputs.firstIndex(of: value)!]
  }

  func nodeMemory(_ step: Plan.Step, _ index: Int, _ inputs: [UnsafePointer<Float>]) -> NodeMemory {
    let node = plan.graph[step.nodes[0]]
    return NodeMemory(
      inputs: node.inputs.map { pointer(to: $0, inputs) }, inputShapes: node.inputs.map(shape),
      output: memory.entries[index].map.pointer, outputShape: shape(of: step.nodes[0]),
      statistics: savedStatistics[index].pointer,
      parameters: node.operation.parameters.map { UnsafePointer(parameters!.values(of: $0)) },
      rows: rows)
  }

  func pooling(_ value: Graph.Value) -> WindowPooling {
    plan.graph[value].operation as! WindowPooling
  }

  func measured(_ step: Plan.Step, _ part: StepTime.Part, _ body: () -> Void) {
    guard let observer else { return body() }
    let duration = ContinuousClock().measure(body)
    observer(
      StepTime(
        output: step.output, name: plan.name(of: step), part: part, duration: duration,
        operations: part == .gram ? 0 : plan.operations(of: step)))
  }
}

extension Plan.Step {
  /// The value whose signs the step keeps for the backward pass.
  var signedValue: Graph.Value? {
    switch kind {
    case .firstBlock: nodes[4]
    case .convolution(_, _, keepsSigns: true): nodes[1]
    case .convolution, .poolingOfReLU, .norm, .operation: nil
    }
  }
}
