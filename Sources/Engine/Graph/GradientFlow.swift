/// The data flow of a plan's backward pass: which values have gradients, and which steps read them.
struct GradientFlow {
  private let plan: Plan
  private let needs: Set<Graph.Value>
  private let readersOfValue: [Graph.Value: [Int]]

  init(_ plan: Plan) {
    self.plan = plan
    var needs: Set<Graph.Value> = []
    var readers: [Graph.Value: [Int]] = [:]
    if plan.gradients.contains(.inputs) { needs.formUnion(plan.graph.inputs) }
    for (index, step) in plan.steps.enumerated() {
      let inputs = plan.inputs(of: step)
      for input in Set(inputs) { readers[input, default: []].append(index) }
      if plan.hasParameterGradients(step) || inputs.contains(where: needs.contains) {
        needs.insert(step.output)
      }
    }
    self.needs = needs
    readersOfValue = readers
  }

  /// Whether the backward pass computes the gradient with respect to a value.
  func needsGradient(_ value: Graph.Value) -> Bool { needs.contains(value) }

  /// The steps that read a value in the forward pass, in order.
  func readers(of value: Graph.Value) -> [Int] { readersOfValue[value] ?? [] }

  /// Whether completing the gradient with respect to a step's map reads the map, for a ReLU mask or
  /// for a loss.
  private func completionReadsMap(_ step: Plan.Step) -> Bool {
    if plan.features.contains(step.output) || plan.grams.contains(step.output) { return true }
    return switch step.kind {
    case .convolution(relu: true, pooling: nil, let keepsSigns): !keepsSigns
    case .norm(let relu): relu
    default: false
    }
  }

  /// Whether a step's gradient replaces its map in memory.
  ///
  /// This requires that the backward pass reads each position of the map only when it writes the
  /// gradient there.
  func gradientReplacesMap(ofStep index: Int) -> Bool {
    let step = plan.steps[index]
    let readers = readers(of: step.output)
    guard needsGradient(step.output), completionReadsMap(step), readers.count <= 1,
      !savesOutput(step)
    else { return false }
    guard let reader = readers.first else { return true }
    return switch plan.steps[reader].kind {
    case .convolution, .poolingOfReLU: true
    case .firstBlock, .norm, .operation: false
    }
  }

  /// When the backward pass last reads a step's map; nil if it never does.
  func lastBackwardRead(ofStep index: Int) -> Int? {
    let step = plan.steps[index]
    let end = 2 * plan.steps.count
    var times: [Int] = []
    let readers = readers(of: step.output)
    if completionReadsMap(step) { times.append(end - 1 - (readers.first ?? index)) }
    for reader in readers where readsInputs(plan.steps[reader]) { times.append(end - 1 - reader) }
    if savesOutput(step) { times.append(end - 1 - index) }
    return times.max()
  }

  private func savesOutput(_ step: Plan.Step) -> Bool {
    step.kind == .operation && plan.graph[step.output].operation.saved.contains(.output)
  }

  private func readsInputs(_ step: Plan.Step) -> Bool {
    if plan.hasParameterGradients(step) { return true }
    return switch step.kind {
    case .firstBlock, .convolution: false
    case .poolingOfReLU: true
    case .norm, .operation:
      needsGradient(step.output) && plan.graph[step.nodes[0]].operation.saved.contains(.inputs)
    }
  }
}
