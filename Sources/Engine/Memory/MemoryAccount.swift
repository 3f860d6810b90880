import Synchronization

/// A record of the memory allocated for buffers.
package final class MemoryAccount: Sendable {
  private let state = Mutex(State())

  private struct State {
    var allocations = 0
    var bytes = 0
    var highWaterMark = 0
  }

  package init() {}

  /// The number of buffers allocated so far.
  package var allocations: Int { state.withLock { $0.allocations } }
  /// The peak number of bytes in use.
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
