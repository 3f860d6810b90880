import Engine
import Networks
import Pictures

/// One run of a transfer.
///
/// It is an actor on its own queue, because an iteration keeps all cores busy and would starve
/// Swift's thread pool.
actor TransferSession {
  private let executor = QueueExecutor(label: "impasto.transfer")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let transfer: StyleTransfer
  /// The state to continue from, until the first step.
  private var resumed: TransferCheckpoint?
  private var state: State?
  private var hasEnded = false

  /// The state that exists from the first step on.
  private struct State {
    let workspace: Workspace
    /// The current scale; nil between two scales, so that only one is in memory.
    var scale: ScaleOptimization?
    /// The index of the current scale.
    var scaleIndex = 0
    /// The beginning of this scale; nil once used, to free its memory.
    var beginning: ScaleOptimization.Beginning?
    /// The last iteration of this scale, and the one after which the Huber threshold is lifted.
    var end: (iteration: Int, thresholdEnd: Int?)
    var plateau: Plateau?
    var iteration = 0
    /// Evaluations of the objective in scales that have ended.
    var earlierEvaluations = 0
  }

  /// - Parameter checkpoint: the state to continue from; nil to begin with the start image.
  init(_ transfer: StyleTransfer, from checkpoint: TransferCheckpoint?) {
    self.transfer = transfer
    resumed = checkpoint
  }

  /// Runs one more iteration; returns nil after the last.
  func next() throws -> TransferStep? {
    guard !hasEnded else { return nil }
    do {
      let step = try advance()
      hasEnded = step.status != .running
      // A canceled transfer may be continued from a checkpoint.
      if hasEnded, step.status != .cancelled { state = nil }
      return step
    } catch {
      hasEnded = true
      state = nil
      throw error
    }
  }

  private func advance() throws -> TransferStep {
    var state = try self.state ?? start()
    // Dropping the stored reference lets the state be changed in place, without a copy.
    self.state = nil
    defer { self.state = state }
    var scale = try state.scale.take() ?? optimization(&state)
    guard !Task.isCancelled else {
      defer { state.scale = scale }
      return step(state, &scale, .cancelled)
    }
    if state.iteration == state.end.thresholdEnd { try scale.liftHuberThreshold() }
    let moved = try scale.step()
    if moved { state.iteration += 1 }
    let hasConverged = !moved || hasReachedPlateau(scale, &state)
    let hasEnded = hasConverged || state.iteration == state.end.iteration
    let isLast = state.scaleIndex == transfer.scales - 1
    if hasEnded, isLast {
      // The first evaluation is the start's.
      let evaluations = state.earlierEvaluations + scale.evaluations
      guard state.iteration > 0 || evaluations == transfer.scales else {
        throw OptimizerError.noImprovement
      }
      return step(state, &scale, hasConverged ? .converged : .finished)
    }
    let step = step(state, &scale, Task.isCancelled ? .cancelled : .running)
    if hasEnded {
      try refine(scale, &state)
    } else {
      state.scale = scale
    }
    return step
  }

  private var options: TransferOptions { transfer.options }

  /// Whether the loss has reached a plateau. A plateau of the transformed loss does not count.
  private func hasReachedPlateau(_ scale: ScaleOptimization, _ state: inout State) -> Bool {
    let isReached = state.plateau?.isReached(after: scale.losses.total) ?? false
    return isReached && !scale.isHuberized
  }

  private func start() throws -> State {
    let workspace = try Workspace(kernels: .chosen(), threads: options.threads)
    if let resumed {
      self.resumed = nil
      return try start(workspace, from: resumed)
    }
    var start = options.start
    if case .picture(let picture) = start {
      start = .picture(
        try picture.resized(to: transfer.sizes[0]).extended(by: transfer.margins(ofScale: 0)))
    }
    return State(
      workspace: workspace, beginning: .start(start), end: end(ofScale: 0, from: 0),
      plateau: plateau)
  }

  private func start(_ workspace: Workspace, from checkpoint: TransferCheckpoint) throws -> State {
    let progress = checkpoint.progress
    guard progress.scale < transfer.scales, progress.iteration <= iterations.reduce(0, +) else {
      throw CheckpointError()
    }
    guard transfer.canvasSize(ofScale: progress.scale) == progress.size else {
      throw CheckpointError()
    }
    return State(
      workspace: workspace, scaleIndex: progress.scale,
      beginning: checkpoint.optimizer == nil
        ? .start(.picture(checkpoint.picture)) : .checkpoint(checkpoint),
      end: (progress.scaleEnd, progress.thresholdEnd),
      plateau: options.tolerance.map {
        Plateau(tolerance: $0, best: progress.leastLosses ?? [])
      },
      iteration: progress.iteration, earlierEvaluations: progress.evaluations[0])
  }

  /// The state after the last step; nil before the first and after the end.
  ///
  /// It shares the session's memory, so that it is valid until the next step.
  private func checkpoint() throws -> TransferCheckpoint? {
    guard let state else { return nil }
    let size = transfer.canvasSize(ofScale: state.scaleIndex)
    var progress = TransferCheckpoint.Progress(
      iteration: state.iteration, evaluations: [state.earlierEvaluations, 0],
      scale: state.scaleIndex, scaleEnd: state.end.iteration, thresholdEnd: state.end.thresholdEnd,
      leastLosses: state.plateau?.best, width: size.width, height: size.height)
    if let scale = state.scale {
      let (point, forms, optimizer) = scale.state
      progress.evaluations[1] = scale.evaluations
      progress.startLoss = scale.startLoss
      progress.optimizer = optimizer.numbers
      return TransferCheckpoint(progress, point: point, forms: forms, optimizer: optimizer)
    }
    guard case .start(.picture(let picture)) = state.beginning else { return nil }
    return TransferCheckpoint(
      progress, point: FloatBuffer(picture.pixels.elements), forms: nil,
      optimizer: OptimizerState())
  }

  /// Passes the state after the last step to `body`; returns without it if there is none.
  func withCheckpoint(_ body: @Sendable (TransferCheckpoint) throws -> Void) throws {
    if let checkpoint = try checkpoint() { try body(checkpoint) }
  }

  /// Continues at the next larger size, from the picture of the smaller one.
  private func refine(_ scale: ScaleOptimization, _ state: inout State) throws {
    let coarse = transfer.margins(ofScale: state.scaleIndex)
    let coarsePhoto = try transfer.canvas(ofScale: state.scaleIndex)
    state.scaleIndex += 1
    state.earlierEvaluations += scale.evaluations
    let margins = transfer.margins(ofScale: state.scaleIndex)
    let picture = scale.picture.cropped(by: coarse)
    let start =
      transfer.keepsForms(ofScale: state.scaleIndex)
      ? try picture.resized(to: transfer.sizes[state.scaleIndex])
      : try transfer.canvas(ofScale: state.scaleIndex).cropped(by: margins).changed(
        as: picture, from: coarsePhoto.cropped(by: coarse))
    state.beginning = .start(.picture(start.extended(by: margins)))
    state.end = end(ofScale: state.scaleIndex, from: state.iteration)
    state.plateau = plateau
  }

  private func optimization(_ state: inout State) throws -> ScaleOptimization {
    let beginning = state.beginning.take()!
    let keepsForms = transfer.keepsForms(ofScale: state.scaleIndex)
    return try ScaleOptimization(
      photo: keepsForms
        ? forms(beginning, state.scaleIndex) : transfer.canvas(ofScale: state.scaleIndex),
      isPhotoKept: keepsForms, styles: regions(state.scaleIndex, state.workspace),
      from: beginning,
      protected: transfer.protected.map { try transfer.mask($0, ofScale: state.scaleIndex) },
      temporal: options.temporal.map {
        try $0.resized(
          to: transfer.sizes[state.scaleIndex],
          extendedBy: transfer.margins(ofScale: state.scaleIndex))
      },
      isGray: transfer.isGray, options: options, network: transfer.network,
      workspace: state.workspace)
  }

  /// The picture whose forms a large scale keeps: the one that it starts from.
  private func forms(_ beginning: ScaleOptimization.Beginning, _ index: Int) throws -> Picture {
    guard let forms = beginning.forms else { throw CheckpointError() }
    guard transfer.content.alpha != nil else { return forms }
    return forms.withAlpha(try transfer.canvas(ofScale: index).alpha)
  }

  private var plateau: Plateau? { options.tolerance.map { Plateau(tolerance: $0) } }

  private var iterations: [Int] { transfer.iterations }

  /// The end of a scale. The last one that gets details of the photo has all remaining iterations of the
  /// scales before it. From that scale on, the Huber threshold is lifted after two thirds of a scale's
  /// iterations.
  private func end(ofScale index: Int, from iteration: Int) -> (
    iteration: Int, thresholdEnd: Int?
  ) {
    let isNextLarge = index == transfer.scales - 1 || transfer.keepsForms(ofScale: index + 1)
    guard isNextLarge else { return (iteration + iterations[index], nil) }
    let end =
      transfer.keepsForms(ofScale: index)
      ? iteration + iterations[index] : iterations.prefix(index + 1).reduce(0, +)
    return (end, iteration + (end - iteration) / 3 * 2)
  }

  /// The styles for a scale: their mean, unless regions of the photo take different ones.
  private func regions(_ index: Int, _ workspace: Workspace) throws -> [StyleRegion] {
    let styles = transfer.styles
    guard !styles.isEmpty else { return [] }
    let targets = try styles.map { try target($0, index, workspace) }
    guard styles.contains(where: { $0.photoMask != nil }) else {
      let blended = zip(targets, styles).map { ($0, $1.weight) }
      return [StyleRegion(try StyleTarget(blending: blended))]
    }
    let mean = styles.reduce(0) { $0 + $1.weight } / Double(styles.count)
    return try zip(targets, styles).map { target, style in
      StyleRegion(
        target, mask: try style.photoMask.map { try transfer.mask($0, ofScale: index) },
        weight: style.weight / mean)
    }
  }

  private func target(_ style: Style, _ index: Int, _ workspace: Workspace) throws -> StyleTarget {
    let size = (style.size ?? options.styleSize).size(
      of: style.painting.size, photo: transfer.content.size, at: transfer.sizes[index])
    let style = try style.resized(to: size)
    return try StyleTarget(
      painting: style.painting.pixels, mask: style.usedPart,
      layers: options.styleLayers ?? .defaultStyle(of: transfer.network.architecture),
      network: transfer.network, tileSide: options.tileSide, workspace: workspace)
  }

  private func step(
    _ state: State, _ scale: inout ScaleOptimization, _ status: TransferStep.Status
  ) -> TransferStep {
    TransferStep(
      iteration: state.iteration, evaluations: state.earlierEvaluations + scale.evaluations,
      progress: ScalePlan.progress(
        remaining: state.end.iteration - state.iteration, scale: state.scaleIndex,
        iterations: iterations),
      scale: state.scaleIndex + 1, losses: scale.losses,
      scaleStartLoss: scale.startLoss, status: status, pixels: scale.snapshot(),
      size: scale.size, transfer: transfer)
  }
}
