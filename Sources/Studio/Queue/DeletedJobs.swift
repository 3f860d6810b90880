#if Studio
import Foundation

/// Removes deleted jobs for good, once they can no longer be restored.
struct DeletedJobs: Sendable {
  let library: Library
  let hub: EventHub

  /// The time in which a deleted job can be restored, in seconds.
  private static let restorable = 600.0
  private static let pause = Duration.seconds(60)

  /// Removes jobs until the task is canceled.
  func run() async throws {
    while true {
      // A database that cannot be written is tried again.
      for id in (try? library.purge(before: Library.now - Self.restorable)) ?? [] {
        try? FileManager.default.removeItem(atPath: StudioFolder.job(id))
        hub.post(.removed, job: id, [String: String]())
      }
      try await Task.sleep(for: Self.pause)
    }
  }
}
#endif
