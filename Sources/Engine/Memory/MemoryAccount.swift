import Synchronization

/// How much memory was allocated for buffers.
package final class MemoryAccount: Sendable {
  private let state = Mutex(State())

  private struct State {
    var allocations = 0
    var bytes = 0
    var highWaterMark = 0
  }

  package init() {}

  /// Buffers allocated so far.
  package var allocations: Int { state.withLock { $0.allocations } }
  /// The most bytes that were in use at a time.
  package var highWaterMark: Int { state.withLock { $0.highWaterMark } }

  func allocated(_ bytes: Int) {
    state.withLock {
      $0.allocations += 1
      $0.bytes += bytes
      $0.highWaterMark = max($0.highWaterMark, $0.bytes)
    }
  }

  func freed(_ bytes: Int) { state.withLock { $0.bytes -= bytes } }
}
