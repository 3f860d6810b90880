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
  /// The file that this run wrote or continues from. Another run may have replaced it.
  private var own: FileIdentity?

  /// - Parameter isResumed: whether the run continues from the file at `path`.
  init(path: String, interval: Duration, isResumed: Bool) {
    self.path = path
    self.interval = interval
    if isResumed { own = FileIdentity(path) }
  }

  /// Whether the next checkpoint is due.
  var isDue: Bool { ContinuousClock.now - last >= interval }

  /// Writes a checkpoint with `body`.
  mutating func write(_ body: (_ path: String) async throws -> Void) async throws {
    // A failure is not tried again before the next interval.
    defer { last = .now }
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
