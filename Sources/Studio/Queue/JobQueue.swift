#if Studio
import Foundation
import Impasto
import Runs

/// Whether the queue works, as clients receive it.
struct QueueState: Encodable {
  let isPaused: Bool
  /// Why it paused itself.
  let problem: String?

  private enum CodingKeys: String, CodingKey {
    case isPaused = "paused"
    case problem
  }
}

/// Runs jobs one after the other.
///
/// Everything that outlasts the process is in the library: a job that runs when the process ends runs again
/// at the next start, from its checkpoint if there is one.
actor JobQueue {
  private let runner: JobRunner
  private let thread = WorkThread("studio.work")
  private var current: Current?
  private var isPaused: Bool
  /// Why the queue paused itself; nil unless it did.
  private var problem: String?
  private var isClosing = false

  private var library: Library { runner.library }

  private struct Current {
    let id: Identifier
    let task: Task<Void, Never>
    var ending = Ending.natural
  }

  /// Why a job is being stopped.
  private enum Ending { case natural, keeping, discarding }

  /// The key of the setting that says whether the queue is paused.
  private static let pausedKey = "queue-paused"

  /// - Throws: `DatabaseError`.
  init(_ runner: JobRunner) throws {
    self.runner = runner
    isPaused = try runner.library.setting(Self.pausedKey) == "yes"
    try runner.library.requeueInterrupted()
  }

  /// The job that runs, whether the queue is paused, and why if it paused itself.
  var state: (running: Identifier?, isPaused: Bool, problem: String?) {
    (current?.id, isPaused, problem)
  }

  /// Starts the next job, unless one is running or the queue is paused.
  func advance() {
    guard current == nil, !isPaused, !isClosing else { return }
    let next: StudioJob?
    do { next = try library.startNext() } catch {
      return pause(error)
    }
    guard let job = next else { return }
    runner.live.start(job.id)
    tell(job.id)
    let task = Task(executorPreference: thread) {
      let result: Result<JobRunner.Painted, any Error>
      do { result = .success(try await self.runner.run(job)) } catch { result = .failure(error) }
      await self.finish(job, result)
    }
    current = Current(id: job.id, task: task)
  }

  /// Adds a job to the end of the queue.
  ///
  /// - Throws: `DatabaseError`, and `SettingError` for a request that makes no sense.
  func add(_ request: JobRequest) throws -> StudioJob {
    let kind = { try self.library.picture($0)?.kind }
    _ = try request.recipe(kind: kind)
    let job = try library.addJob(
      request, title: title(of: request), isFilm: request.isFilm(kind: kind))
    tell(job.id)
    advance()
    return try library.job(job.id) ?? job
  }

  /// Stops a job. The picture so far is kept, or the job is canceled and leaves nothing.
  ///
  /// - Throws: `DatabaseError`.
  func stop(_ id: Identifier, keeping: Bool) throws {
    if current?.id == id {
      current?.ending = keeping ? .keeping : .discarding
      current?.task.cancel()
    } else if try library.job(id)?.state == .queued {
      try library.end(id, .canceled)
      removeFiles(id)
      tell(id)
    }
  }

  /// Runs a job again that is over.
  ///
  /// - Throws: `DatabaseError`.
  func retry(_ id: Identifier) throws {
    guard let job = try library.job(id), job.state.isOver else { return }
    removeFiles(id)
    try library.requeue(id)
    tell(id)
    advance()
  }

  /// Moves a job in the queue.
  ///
  /// - Throws: `DatabaseError`.
  func move(_ id: Identifier, to position: Int) throws {
    try library.move(id, to: position)
    for job in try library.jobs(.init(states: [.queued])) { tell(job.id) }
  }

  /// Pauses the queue, or lets it go on. A job that is running goes on in any case.
  ///
  /// - Throws: `DatabaseError`.
  func setPaused(_ isPaused: Bool) throws {
    try library.set(Self.pausedKey, isPaused ? "yes" : "no")
    // A job whose end could not be noted runs again.
    if current == nil { try library.requeueInterrupted() }
    (self.isPaused, problem) = (isPaused, nil)
    runner.hub.post(.queue, QueueState(isPaused: isPaused, problem: nil))
    advance()
  }

  /// Pauses the queue because it cannot work, such as on a full disk.
  private func pause(_ error: any Error) {
    let problem = FullDisk.isReason(of: error) ? FullDisk.message : "\(error)"
    (isPaused, self.problem) = (true, problem)
    runner.hub.post(.queue, QueueState(isPaused: true, problem: problem))
  }

  /// Stops the running job, which goes on at the next start of the studio, and waits for it.
  func close() async {
    isClosing = true
    current?.task.cancel()
    await current?.task.value
  }

  /// Notes how a job ended, and starts the next one.
  private func finish(_ job: StudioJob, _ result: Result<JobRunner.Painted, any Error>) {
    let ending = current?.ending ?? .natural
    current = nil
    // A job that is stopped by the end of the studio stays as it is.
    if isClosing, ending == .natural, isInterrupted(result) { return }
    do {
      switch result {
      case _ where ending == .discarding:
        removeFiles(job.id)
        try library.end(job.id, .canceled)
      case .success(let painted):
        removeRests(of: job)
        try library.end(
          job.id, .finished, seconds: painted.seconds,
          size: (painted.size.width, painted.size.height))
      case .failure(let error) where FullDisk.isReason(of: error):
        // The job waits for space, so that no other one fails as well.
        pause(error)
        try library.requeueInterrupted()
      case .failure(let error):
        try library.end(job.id, .failed, problem: problem(error, of: job))
      }
    } catch {
      pause(error)
    }
    runner.live.end(job.id)
    tell(job.id)
    advance()
  }

  private func isInterrupted(_ result: Result<JobRunner.Painted, any Error>) -> Bool {
    switch result {
    case .success(let painted): painted.isPartial
    case .failure: false
    }
  }

  /// An error for people, with the names that they gave to pictures.
  private func problem(_ error: any Error, of job: StudioJob) -> (text: String, setting: String?) {
    let cause = (error as? JobFailure)?.cause ?? error
    let setting = (error as? JobFailure)?.key ?? (cause as? SettingError)?.key
    var text = "\(cause)"
    for id in job.request.pictures {
      guard let name = try? library.picture(id)?.name else { continue }
      for path in [StudioFolder.picture(id), StudioFolder.film(id)] {
        text = text.replacingOccurrences(of: path, with: name)
      }
    }
    return (text, setting)
  }

  /// Removes what a job that is over needs no more.
  private func removeRests(of job: StudioJob) {
    unlink("\(StudioFolder.job(job.id))/checkpoint.safetensors")
    try? FileManager.default.removeItem(atPath: "\(StudioFolder.result(job)).parts")
  }

  private func removeFiles(_ id: Identifier) {
    try? FileManager.default.removeItem(atPath: StudioFolder.job(id))
  }

  private func title(of request: JobRequest) throws -> String {
    let styles = try request.styles.map { style in
      try Identifier(style).flatMap { try library.picture($0)?.name } ?? style
    }
    let photo = try request.photo.flatMap { try library.picture($0)?.name }
    return [photo ?? "texture", styles.joined(separator: " + ")].joined(separator: " in ")
  }

  private func tell(_ id: Identifier) {
    guard let job = try? library.job(id) else { return }
    runner.hub.post(.job, job: id, job)
  }
}
#endif
