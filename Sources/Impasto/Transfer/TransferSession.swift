import Dispatch
import Networks
import Pictures
import Tensors

/// One run of a transfer. It is an actor on a queue of its own, because an
/// iteration keeps every core busy and would starve Swift's thread pool.
actor TransferSession {
  private let executor = QueueExecutor(label: "impasto.transfer")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let transfer: StyleTransfer
  private var state: State?
  private var hasEnded = false

  /// What exists from the first step on.
  private struct State {
    let workspace: Workspace
    var scale: ScaleOptimization
    /// Which of the scales it is.
    var scaleIndex = 0
    /// When this scale ends, and where in it losses begin to count as they are.
    var end: (iteration: Int, straightening: Int)
    var plateau: Plateau?
    var iteration = 0
    /// Evaluations of the objective in scales that have ended.
    var earlierEvaluations = 0
  }

  init(_ transfer: StyleTransfer) {
    self.transfer = transfer
  }

  /// One more iteration, or nil after the last.
  func next() throws -> TransferStep? {
    guard !hasEnded else { return nil }
    do {
      let step = try advance()
      hasEnded = step.status != .running
      if hasEnded { state = nil }
      return step
    } catch {
      hasEnded = true
      state = nil
      throw error
    }
  }

  private func advance() throws -> TransferStep {
    var state = try self.state ?? start()
    // What the state holds is changed in place as long as nobody else holds it.
    self.state = nil
    defer { self.state = state }
    guard !Task.isCancelled else { return step(&state, .cancelled) }
    if state.iteration == state.end.straightening { try state.scale.straighten() }
    let moved = try state.scale.step()
    if moved { state.iteration += 1 }
    let hasConverged = !moved || hasReachedPlateau(&state)
    if hasConverged || state.iteration == state.end.iteration {
      guard state.scaleIndex < options.scales - 1 else {
        return step(&state, hasConverged ? .converged : .finished)
      }
      try refine(&state)
    }
    return step(&state, Task.isCancelled ? .cancelled : .running)
  }

  private var options: TransferOptions { transfer.options }

  /// Before the losses count as they are, a loss that hardly falls is no sign of anything.
  private func hasReachedPlateau(_ state: inout State) -> Bool {
    let isReached = state.plateau?.isReached(after: state.scale.losses.total) ?? false
    return isReached && !state.scale.isBent
  }

  private func start() throws -> State {
    let workspace = try Workspace(kernels: .chosen(), threads: options.threads)
    let sizes = ScalePlan.sizes(of: transfer.content.size, scales: options.scales)
    return State(
      workspace: workspace,
      scale: try optimization(
        of: transfer.content.resized(to: sizes[0]), index: 0, start: options.start, workspace),
      end: end(ofScale: 0, from: 0), plateau: options.tolerance.map { Plateau(tolerance: $0) })
  }

  /// Goes on in the next larger size.
  private func refine(_ state: inout State) throws {
    let pixels = state.scale.snapshot()
    let small = state.scale.photo
    state.scaleIndex += 1
    state.earlierEvaluations += state.scale.evaluations
    let sizes = ScalePlan.sizes(of: transfer.content.size, scales: options.scales)
    let photo = try transfer.content.resized(to: sizes[state.scaleIndex])
    let start = try photo.changed(
      as: Picture(pixels: Tensor(shape: small.pixels.shape, elements: pixels.elements)),
      from: small)
    state.scale = try optimization(
      of: photo, index: state.scaleIndex, start: .picture(start), state.workspace)
    state.end = end(ofScale: state.scaleIndex, from: state.iteration)
    state.plateau = options.tolerance.map { Plateau(tolerance: $0) }
  }

  private func optimization(
    of photo: Picture, index: Int, start: StartImage, _ workspace: Workspace
  ) throws -> ScaleOptimization {
    try ScaleOptimization(
      photo: photo, style: target(index, workspace), start: start, options: options,
      network: transfer.network, workspace: workspace)
  }

  /// The last scale has half of all iterations, the others share the rest equally.
  private func end(ofScale index: Int, from iteration: Int) -> (iteration: Int, straightening: Int)
  {
    let (most, last) = (options.mostIterations, options.scales - 1)
    let count = index == last ? most - iteration : max(1, most / 2 / last)
    return (iteration + count, iteration + count * 2 / 3)
  }

  private func target(_ index: Int, _ workspace: Workspace) throws -> StyleTarget {
    switch transfer.style {
    case .targets(let targets): targets[index]
    case .paintings(let paintings, let layers):
      try StyleTarget(
        blending: paintings.map { painting, weight in
          let size = ScalePlan.sizes(of: painting.size, scales: options.scales)[index]
          let target = try StyleTarget(
            painting: painting.resized(to: size).pixels, layers: layers,
            network: transfer.network, workspace: workspace)
          return (target, weight)
        })
    }
  }

  private func step(_ state: inout State, _ status: TransferStep.Status) -> TransferStep {
    TransferStep(
      iteration: state.iteration, evaluations: state.earlierEvaluations + state.scale.evaluations,
      losses: state.scale.losses, status: status, pixels: state.scale.snapshot(),
      scaledPhoto: state.scale.photo, photo: transfer.content,
      preservesColor: options.preservesColor)
  }
}

/// Runs an actor's jobs on a dispatch queue.
private final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label, qos: .userInitiated)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
