#if Studio
import Files
import Foundation
import Impasto
import NetworkStore
import Pictures
import Runs

/// Paints what a job asks for, and tells the watchers how far it is.
struct JobRunner: Sendable {
  let library: Library
  let hub: EventHub
  let live: LiveJobs
  let networks = NetworkCache()
  /// The bytes of memory for a picture; nil for most of what is available.
  let memory: Int?
  let threads: Int?

  /// A result.
  struct Painted: Sendable {
    let size: PixelSize
    let seconds: Double
    /// Whether the job was stopped before its end.
    let isPartial: Bool
  }

  /// Paints. After a cancellation of the task an optimization leaves the picture so far, with a checkpoint.
  ///
  /// - Throws: `JobFailure`, `SettingError`, `PictureError` and the errors of ``StylizeJob``.
  func run(_ job: StudioJob) async throws -> Painted {
    let recipe = try job.request.recipe { try library.picture($0)?.kind }
    if job.isFilm { return try await FilmRunner(runner: self, job: job, recipe: recipe).run() }
    switch job.request.method {
    case .onePass: return try paint(job, recipe)
    case .optimization: return try await optimize(job, recipe)
    }
  }

  private func paint(_ job: StudioJob, _ recipe: Recipe) throws -> Painted {
    let folder = StudioFolder.job(job.id)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let start = ContinuousClock.now
    let painter = try StylizeJob(recipe: recipe, threads: threads, memory: memory)
    let result = try painter.run(photo: recipe.content!, output: StudioFolder.result(job)) {
      share in
      tell(job.id) { $0.share = share }
    }
    return Painted(
      size: result.size, seconds: (ContinuousClock.now - start) / .seconds(1), isPartial: false)
  }

  private func optimize(_ job: StudioJob, _ recipe: Recipe) async throws -> Painted {
    let folder = StudioFolder.job(job.id)
    let checkpoint = try? Checkpoint(of: folder)
    if checkpoint == nil { try? FileManager.default.removeItem(atPath: folder) }
    var transfer =
      checkpoint?.job ?? TransferJob(recipe: recipe, record: folder, memory: memory)
    (transfer.networks, transfer.threads) = (networks, threads)
    var previews = PreviewSchedule()
    let result = try await transfer.run(from: checkpoint) { event in
      switch event {
      case .started(let plan):
        tell(job.id) {
          ($0.iterations, $0.width, $0.height) = (
            plan.iterations, plan.size.width, plan.size.height
          )
        }
      case .warning(let text): tell(job.id) { $0.warnings.append(text) }
      case .step(let step, let seconds): show(step, seconds, of: job.id, &previews)
      case .recording, .finished, .failed: break
      }
    }
    return Painted(
      size: result.plan.size, seconds: result.seconds,
      isPartial: result.step.status == .cancelled)
  }

  /// Tells of an iteration, and at times shows the picture.
  private func show(
    _ step: TransferStep, _ seconds: Double, of id: Identifier, _ previews: inout PreviewSchedule
  ) {
    let losses = step.losses
    live.add(
      LiveJobs.Step(
        iteration: step.iteration, seconds: seconds, total: losses.total,
        content: losses.content, style: losses.style), to: id)
    let isShown = showPreview(of: id, &previews) { try step.picture() }
    tell(id) { progress in
      (progress.iteration, progress.share) = (step.iteration, step.progress)
      if step.progress > 0 { progress.secondsLeft = seconds * (1 / step.progress - 1) }
      if isShown { progress.preview += 1 }
    }
    hub.post(.step, job: id, live.steps(of: id)?.last)
  }

  /// The longer side of previews.
  private static let previewSide = 640

  /// Shows the picture so far, if it is time.
  ///
  /// - Returns: whether it was shown.
  func showPreview(
    of id: Identifier, _ previews: inout PreviewSchedule, _ picture: () throws -> Picture
  ) -> Bool {
    guard previews.isDue else { return false }
    return previews.timed {
      guard let picture = try? picture(),
        let data = try? picture.resized(to: picture.size.fitted(within: Self.previewSide)).encoded(
          PictureEncoding(format: .jpg, quality: 85), path: "preview.jpg")
      else { return false }
      live.show(data, of: id)
      return true
    }
  }

  /// Changes the progress of a job, and tells the watchers.
  func tell(_ id: Identifier, _ change: (inout LiveJobs.Progress) -> Void) {
    guard let progress = live.update(id, change) else { return }
    hub.post(.progress, job: id, progress)
  }
}

/// Lets previews take at most a small part of a job's time, and come at most twice a second.
struct PreviewSchedule {
  private var last: ContinuousClock.Instant?
  private var cost = Duration.zero

  private static let least = Duration.milliseconds(500)
  /// The time between previews as a multiple of the time that one takes.
  private static let pause = 20

  var isDue: Bool {
    guard let last else { return true }
    return ContinuousClock.now - last >= max(Self.least, cost * Self.pause)
  }

  mutating func timed<Value>(_ body: () -> Value) -> Value {
    let start = ContinuousClock.now
    defer {
      last = .now
      cost = last! - start
    }
    return body()
  }
}
#endif
