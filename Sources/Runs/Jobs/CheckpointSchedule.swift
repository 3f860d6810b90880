import Files
import Foundation
import Impasto

/// Writes the checkpoints of a run every so often, and removes the last one when the run no longer
/// needs it.
struct CheckpointSchedule: Sendable {
  /// The path of the checkpoint.
  let path: String
  private let interval: Duration
  private var last = ContinuousClock.now
  /// The time that the last checkpoint took.
  private var writing = Duration.zero
  /// The file that this run wrote or continues from. Another run may have replaced it.
  private var own: FileIdentity?

  /// - Parameter isResumed: whether the run continues from the file at `path`.
  init(path: String, interval: Duration, isResumed: Bool) {
    self.path = path
    self.interval = interval
    if isResumed { own = FileIdentity(path) }
  }

  /// The shortest time between checkpoints as a multiple of the time that one takes. Those of large
  /// pictures have gigabytes.
  private static let pause = 20

  /// Whether the next checkpoint is due.
  var isDue: Bool {
    let time = ContinuousClock.now - last
    return time >= interval && (interval == .zero || time >= writing * Self.pause)
  }

  /// Writes a checkpoint with `body`.
  mutating func write(_ body: (_ path: String) async throws -> Void) async throws {
    // A failure is not tried again before the next interval.
    let start = ContinuousClock.now
    defer {
      last = .now
      writing = last - start
    }
    try await body(path)
    own = FileIdentity(path)
  }

  /// Whether there is a checkpoint of this run.
  var isThere: Bool { own != nil && FileIdentity(path) == own }

  /// Removes the checkpoint of this run.
  mutating func remove() {
    if isThere { unlink(path) }
    own = nil
  }
}
