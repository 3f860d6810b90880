import Synchronization

/// The end of the process when the system refuses memory in the middle of the work.
///
/// Sizes are checked against `AvailableMemory` before work starts, so this happens only when
/// other processes take the memory meanwhile or the estimate was too low.
package enum MemoryExhaustion {
  private static let handler = Mutex<(@Sendable (String) -> Never)?>(nil)

  /// Sets a function that reports the message and ends the process. Without one the process
  /// traps.
  package static func setHandler(_ end: @escaping @Sendable (String) -> Never) {
    handler.withLock { $0 = end }
  }

  static func end(bytes: Int) -> Never {
    let message = "out of memory: \(AvailableMemory.text(Double(bytes))) more are needed."
    if let end = handler.withLock({ $0 }) { end(message) }
    fatalError(message)
  }
}
