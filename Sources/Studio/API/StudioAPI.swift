#if Studio
import Foundation
import Hummingbird
import Runs

/// Everything that clients can do, under `/api/v1`.
struct StudioAPI: Sendable {
  /// The version of the program.
  let version: String
  let library: Library
  let queue: JobQueue
  let hub: EventHub
  let live: LiveJobs
  let intake: PictureIntake
  /// The trainings that the studio was started with.
  let trainings: [TrainingWatch]
  let thumbnails = StyleThumbnails()
  private let pictureThread = WorkThread("studio.pictures")

  static let prefix = "/api/v1"

  /// The endpoints of all parts.
  var endpoints: [Endpoint] {
    styleEndpoints + pictureEndpoints + jobEndpoints + resultEndpoints
      + trainingEndpoints + eventEndpoints + statusEndpoints
  }

  /// Does work that takes a while, such as decoding, on a thread of its own, one piece after the other.
  func apart<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(pictureThread, operation: body)
  }

  /// What the studio is doing.
  private struct Status: Encodable {
    let version: String
    let running: Identifier?
    let progress: LiveJobs.Progress?
    let queued: Int
    let paused: Bool
    /// Why the queue paused itself.
    let problem: String?
    let watchers: Int
  }

  /// The space that the studio takes, in bytes.
  private struct Disk: Encodable {
    let used: Int
    let free: Int?
  }

  private struct QueueChange: Decodable { let paused: Bool }

  private var statusEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/status") { _, _ in
        let (running, isPaused, problem) = await queue.state
        return try .json(
          Status(
            version: version, running: running, progress: running.flatMap { live.progress(of: $0) },
            queued: try library.queuedCount(), paused: isPaused, problem: problem,
            watchers: hub.watcherCount))
      },
      Endpoint(.get, "\(Self.prefix)/disk") { _, _ in
        try .json(Disk(used: library.folder.usedBytes(), free: library.folder.freeBytes()))
      },
      Endpoint(.patch, "\(Self.prefix)/queue") { request, _ in
        let change = try await request.json(QueueChange.self)
        try await queue.setPaused(change.paused)
        return try .json(QueueState(isPaused: change.paused, problem: nil))
      },
    ]
  }
}
#endif
