#if Studio
import Foundation
import Impasto
import Pictures
import Synchronization

/// What is known of jobs only while they run: their progress, their losses, and how the picture looks.
final class LiveJobs: Sendable {
  /// The losses after an iteration.
  struct Step: Sendable, Codable {
    let iteration: Int
    let seconds: Double
    let total: Double
    let content: Double
    let style: Double
  }

  /// How far a job is.
  struct Progress: Sendable, Codable {
    /// The completed share, 0…1.
    var share = 0.0
    var iteration = 0
    var iterations = 0
    /// The seconds to the end, estimated; nil at the start.
    var secondsLeft: Double?
    /// The number of the preview; 0 for none.
    var preview = 0
    var width: Int?
    var height: Int?
    /// Notes that the job gave.
    var warnings: [String] = []
  }

  private struct Live {
    var progress = Progress()
    var steps: [Step] = []
    var preview: Data?
  }

  private let jobs = Mutex<[Identifier: Live]>([:])

  func start(_ id: Identifier) { jobs.withLock { $0[id] = Live() } }

  func end(_ id: Identifier) { jobs.withLock { _ = $0.removeValue(forKey: id) } }

  func progress(of id: Identifier) -> Progress? { jobs.withLock { $0[id]?.progress } }

  func steps(of id: Identifier) -> [Step]? { jobs.withLock { $0[id]?.steps } }

  /// A JPEG file.
  func preview(of id: Identifier) -> Data? { jobs.withLock { $0[id]?.preview } }

  /// Changes the progress of a job, and returns it.
  func update(_ id: Identifier, _ change: (inout Progress) -> Void) -> Progress? {
    jobs.withLock { jobs in
      guard jobs[id] != nil else { return nil }
      change(&jobs[id]!.progress)
      return jobs[id]!.progress
    }
  }

  func add(_ step: Step, to id: Identifier) { jobs.withLock { $0[id]?.steps.append(step) } }

  func show(_ preview: Data, of id: Identifier) { jobs.withLock { $0[id]?.preview = preview } }
}
#endif
