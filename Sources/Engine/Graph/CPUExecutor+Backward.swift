extension CPUExecutor {
  /// Computes gradients of a function of the plan's features and Gram matrices, after `forward`
  /// with the same inputs.
  ///
  /// Gradients of parameters are added to those in the parameter vector. If several steps read a
  /// value, the last reader writes its gradient and the earlier ones add theirs.
  ///
  /// - Parameters:
  ///   - losses: the function's gradient with respect to each value.
  ///   - inputs: as in `forward`.
  ///   - inputGradients: receive the gradients with respect to the graph's inputs, in order. Must
  ///     be empty if the plan does not compute them.
  package func backward(
    _ losses: [Graph.Value: LocalGradient], of inputs: UnsafePointer<Float>...,
    into inputGradients: [UnsafeMutablePointer<Float>]
  ) {
    let pass = BackwardPass(
      executor: self, losses: losses, inputs: inputs, inputGradients: inputGradients)
    for index in plan.steps.indices.reversed() where flow.needsGradient(plan.steps[index].output) {
      pass.run(index)
    }
  }
}

/// The arguments of one backward pass, and its steps.
private struct BackwardPass {
  let executor: CPUExecutor
  let losses: [Graph.Value: LocalGradient]
  let inputs: [UnsafePointer<Float>]
  let inputGradients: [UnsafeMutablePointer<Float>]

  private var plan: Plan { executor.plan }
  private var flow: GradientFlow { executor.flow }
  private var workspace: Workspace { executor.workspace }

  /// Propagates the gradient of a step's output to its parameters and inputs.
  func run(_ index: Int) {
    let step = plan.steps[index]
    if flow.readers(of: step.output).isEmpty { start(index) }
    let upstream = UnsafePointer(executor.memory.entries[index].gradient!.pointer)
    prepare(step, index, upstream)
    if plan.hasParameterGradients(step) {
      executor.measured(step, .parameters) { addParameterGradients(step, index, upstream) }
    }
    executor.measured(step, .backward) { addInputGradients(step, index, upstream) }
  }

  private func addInputGradients(
    _ step: Plan.Step, _ index: Int, _ upstream: UnsafePointer<Float>
  ) {
    let values = plan.inputs(of: step)
    for (position, value) in values.enumerated() where flow.needsGradient(value) {
      let readers = flow.readers(of: value)
      let write = Write(
        value: value, target: gradient(of: value),
        isFirst: readers.last == index && values.firstIndex(of: value) == position,
        isLast: readers.first == index && values.lastIndex(of: value) == position)
      differentiate(step, index, input: position, upstream, write)
      if write.isLast { addPreactivationGradient(value) }
    }
  }

  /// A step's contribution to the gradient with respect to a value.
  private struct Write {
    let value: Graph.Value
    let target: UnsafeMutablePointer<Float>
    /// Whether this is the first contribution.
    let isFirst: Bool
    /// Whether this is the last contribution, after which the gradient is complete.
    let isLast: Bool
  }

  private func gradient(of value: Graph.Value) -> UnsafeMutablePointer<Float> {
    if let index = executor.producers[value] {
      return executor.memory.entries[index].gradient!.pointer
    }
    return inputGradients[plan.graph.inputs.firstIndex(of: value)!]
  }

  private func prepare(_ step: Plan.Step, _ index: Int, _ upstream: UnsafePointer<Float>) {
    switch step.kind {
    case .firstBlock, .convolution, .poolingOfReLU: break
    case .norm, .operation:
      executor.measured(step, .backward) {
        plan.graph[step.nodes[0]].operation.prepareBackward(
          executor.nodeMemory(step, index, inputs), upstream: upstream, workspace: workspace)
      }
    }
  }

  private func addParameterGradients(
    _ step: Plan.Step, _ index: Int, _ upstream: UnsafePointer<Float>
  ) {
    let operation = plan.graph[step.nodes[0]].operation
    operation.parameterGradient(
      executor.nodeMemory(step, index, inputs), upstream: upstream,
      into: operation.parameters.map { executor.parameters!.gradient(of: $0) },
      workspace: workspace)
  }

  private func differentiate(
    _ step: Plan.Step, _ index: Int, input: Int, _ upstream: UnsafePointer<Float>, _ write: Write
  ) {
    let shape = executor.shape(of: write.value)
    switch step.kind {
    case .firstBlock: differentiateFirstBlock(step, index, upstream, write)
    case .convolution(_, let pooling, _):
      let source: PackedConvolution.Input =
        pooling.map { .unpooled(upstream, executor.signs[index]!, $0) } ?? .map(upstream)
      var outputShape = shape
      outputShape.channels = executor.shape(of: step.nodes[0]).channels
      executor.layers[index]!.backward!(
        source, outputShape, into: .map(write.target, epilogue(write)), workspace: workspace)
    case .poolingOfReLU:
      let operation = executor.pooling(step.output)
      operation.pooling.backward(
        upstream, replacing: write.target, shape, roundingUp: operation.roundingUp,
        adding: losses[write.value], workspace: workspace)
    case .operation:
      plan.graph[step.output].operation.inputGradient(
        input, executor.nodeMemory(step, index, inputs), upstream: upstream, into: write.target,
        adding: !write.isFirst, workspace: workspace)
      if write.isLast { complete(write.value) }
    case .norm:
      let memory = executor.nodeMemory(step, index, inputs)
      let isAddend = input == memory.inputs.count
      let operation = plan.graph[isAddend ? step.output : step.nodes[0]].operation
      operation.inputGradient(
        isAddend ? 0 : input, memory, upstream: upstream, into: write.target,
        adding: !write.isFirst, workspace: workspace)
      if write.isLast { complete(write.value) }
    }
  }

  private func differentiateFirstBlock(
    _ step: Plan.Step, _ index: Int, _ upstream: UnsafePointer<Float>, _ write: Write
  ) {
    let shape = executor.shape(of: write.value)
    executor.firstBlock!.backward(
      upstream, executor.signs[index]!, pooling: executor.pooling(step.output).pooling,
      loss: losses[step.nodes[2]], executor.pointer(to: write.value, inputs),
      height: shape.height, width: shape.width, into: write.target)
  }

  // MARK: Completing a gradient

  /// The epilogue of a convolution's backward pass.
  private func epilogue(_ write: Write) -> Epilogue {
    var epilogue = write.isLast ? completion(write.value) : Epilogue()
    if !write.isFirst {
      // The map is read only if there is a loss, so any valid pointer will do.
      let map = epilogue.gradient?.map ?? UnsafePointer(write.target)
      var local = epilogue.gradient?.0 ?? LocalGradient()
      local.upstream.append(UnsafePointer(write.target))
      epilogue.gradient = (local, map)
    }
    return epilogue
  }

  /// The epilogue that completes the gradient with respect to a value: it adds the gradient of the
  /// value's loss and applies the ReLU mask.
  private func completion(_ value: Graph.Value) -> Epilogue {
    guard let index = executor.producers[value] else { return Epilogue() }
    let map = UnsafePointer(executor.memory.entries[index].map.pointer)
    var epilogue = Epilogue(gradient: losses[value].map { ($0, map) })
    switch plan.steps[index].kind {
    case .convolution(relu: true, pooling: nil, _), .norm(relu: true):
      epilogue.mask = executor.signs[index].map { .bits($0) } ?? .positive(map)
    default: break
    }
    return epilogue
  }

  /// Completes a gradient that an operation's own function wrote.
  private func complete(_ value: Graph.Value) {
    let epilogue = completion(value)
    guard epilogue.gradient != nil || epilogue.mask != nil else { return }
    apply(epilogue, to: gradient(of: value), executor.shape(of: value), fromZero: false)
  }

  /// Writes the gradient of a map that no step reads, which is that of the map's loss.
  private func start(_ index: Int) {
    let value = plan.steps[index].output
    apply(
      completion(value), to: executor.memory.entries[index].gradient!.pointer,
      executor.shape(of: value), fromZero: true)
    addPreactivationGradient(value)
  }

  private func apply(
    _ epilogue: Epilogue, to gradient: UnsafeMutablePointer<Float>, _ shape: MapShape,
    fromZero: Bool
  ) {
    let channels = shape.channels
    let block = max(1, 1 << 15 / channels)
    workspace.parallel(
      (shape.positions + block - 1) / block, scratch: 2 * block * channels
    ) { part, values in
      let range = part * block..<min(shape.positions, (part + 1) * block)
      let count = range.count * channels
      let place = gradient + range.lowerBound * channels
      if fromZero {
        values.update(repeating: 0, count: count)
      } else {
        values.update(from: place, count: count)
      }
      epilogue.apply(
        to: values, at: range, channels: channels, scratch: values + block * channels,
        kernels: workspace.kernels)
      place.update(from: values, count: count)
    }
  }

  /// Adds the gradient of a loss of a convolution's value before the ReLU.
  private func addPreactivationGradient(_ value: Graph.Value) {
    guard let index = executor.producers[value],
      let before = plan.steps[index].preactivation, let loss = losses[before]
    else { return }
    let shape = executor.shape(of: value)
    let gradient = gradient(of: value)
    let map = executor.memory.entries[index].preactivation!.pointer
    workspace.parallelRanges(shape.positions, length: max(1, 1 << 15 / shape.channels)) { range in
      loss.write(
        at: range, of: map, channels: shape.channels,
        to: gradient + range.lowerBound * shape.channels, adding: true, kernels: workspace.kernels)
    }
  }
}
