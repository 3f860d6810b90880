import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first cancels the work, so that the picture reached so far can be
/// written; the second ends the process at once.
final class Interruption: Sendable {
  private let received = Mutex<Int32?>(nil)
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

  /// - Parameter cancel: called once, on the first signal.
  init(cancel: @escaping @Sendable () -> Void) {
    let signals = [SIGINT, SIGTERM]
    for number in signals { signal(number, SIG_IGN) }
    sources = signals.map {
      DispatchSource.makeSignalSource(signal: $0, queue: .global(qos: .userInteractive))
    }
    for (number, source) in zip(signals, sources) {
      source.setEventHandler { [self] in
        let isFirst = received.withLock { received in
          defer { received = received ?? number }
          return received == nil
        }
        guard isFirst else { _exit(128 + number) }
        cancel()
      }
      source.resume()
    }
  }

  /// The exit status after a signal: 130 for Ctrl-C, 143 for SIGTERM; nil without one.
  var exitStatus: Int32? { received.withLock { $0 }.map { 128 + $0 } }
}
