import Dispatch
import Networks
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
    let objective: Objective
    let space: VectorSpace
    /// The picture within its range, while it is evaluated.
    let image: FloatBuffer
    var optimizer: any Optimizer
    var iterate: Iterate
    var losses: Losses
    var snapshots = Snapshots()
    var iteration = 0
    var evaluations = 1
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
    var evaluated: [Losses] = []
    let (objective, image, space) = (state.objective, state.image, state.space)
    func evaluate(_ point: FloatBuffer, _ gradient: FloatBuffer) -> Double {
      PixelRange.clamp(point, into: image, in: space)
      let losses = objective.losses(image.pointer, gradient: gradient.pointer)
      PixelRange.project(gradient, at: point, in: space)
      evaluated.append(losses)
      return losses.total
    }
    let outcome = try state.optimizer.step(&state.iterate, evaluate, in: space)
    state.evaluations += outcome.evaluations
    guard outcome.moved else { return step(&state, .converged) }
    PixelRange.clamp(state.iterate.point, into: state.iterate.point, in: space)
    // A line search may come back to a point before its last.
    state.losses = evaluated.last { $0.total == state.iterate.value }!
    state.iteration += 1
    let isLast = state.iteration == transfer.options.iterations
    return step(&state, Task.isCancelled ? .cancelled : isLast ? .finished : .running)
  }

  private func start() throws -> State {
    let options = transfer.options
    let network = transfer.network
    let workspace = try Workspace(
      kernels: .chosen(), threads: options.threads)
    let objective = try Objective(
      photo: transfer.content.pixels,
      contentLayers: options.contentLayers ?? .defaultContent(of: network.architecture),
      style: try target(workspace), weights: options.weights, normalization: options.normalization,
      network: network,
      hasGradient: true, workspace: workspace)
    let space = VectorSpace(count: transfer.content.pixels.elements.count, workspace: workspace)
    let point = space.take()
    try options.start.write(
      to: UnsafeMutableBufferPointer(start: point.pointer, count: point.count),
      photo: transfer.content, mean: network.preprocessing.meanColor, seed: options.seed)
    let image = FloatBuffer(count: point.count)
    var losses: Losses?
    let iterate = try Iterate(
      point,
      { point, gradient in
        PixelRange.clamp(point, into: image, in: space)
        let evaluated =
          options.start == .content
          ? objective.lossesOfPhoto(image.pointer, gradient: gradient.pointer)
          : objective.losses(image.pointer, gradient: gradient.pointer)
        PixelRange.project(gradient, at: point, in: space)
        losses = evaluated
        return evaluated.total
      }, in: space)
    return State(
      objective: objective, space: space, image: image, optimizer: options.optimizer.make(),
      iterate: iterate, losses: losses!)
  }

  private func target(_ workspace: Workspace) throws -> StyleTarget {
    switch transfer.style {
    case .target(let target): target
    case .paintings(let paintings, let layers):
      try StyleTarget(
        blending: paintings.map { painting, weight in
          let target = try StyleTarget(
            painting: painting.pixels, layers: layers, network: transfer.network,
            workspace: workspace)
          return (target, weight)
        })
    }
  }

  private func step(_ state: inout State, _ status: TransferStep.Status) -> TransferStep {
    TransferStep(
      iteration: state.iteration, evaluations: state.evaluations, losses: state.losses,
      status: status, pixels: state.snapshots.take(of: state.iterate.point, in: state.space),
      photo: transfer.content, preservesColor: transfer.options.preservesColor)
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
