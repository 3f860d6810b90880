import Dispatch
import Foundation
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP cancel the work, so that the picture reached so far can be written. A
/// second Ctrl-C ends the process at once.
///
/// Only Ctrl-C can mean impatience: shells and tools such as `timeout` often send the other signals
/// twice.
final class Interruption: Sendable {
  private let received = Mutex<Int32?>(nil)
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

  /// - Parameter cancel: called once, on the first signal.
  init(cancel: @escaping @Sendable () -> Void) {
    let signals = [SIGINT, SIGTERM, SIGHUP].filter { !Self.isIgnored($0) }
    #if canImport(Darwin)
    // There a source only watches signals. On Linux it handles them from its start on, and a
    // signal that was ignored before that would be lost.
    for number in signals { signal(number, SIG_IGN) }
    #endif
    sources = signals.map {
      DispatchSource.makeSignalSource(signal: $0, queue: .global(qos: .userInteractive))
    }
    for (number, source) in zip(signals, sources) {
      source.setEventHandler { [self] in
        let first = received.withLock { received in
          defer { received = received ?? number }
          return received
        }
        guard let first else { return cancel() }
        if first == SIGINT, number == SIGINT { _exit(128 + number) }
      }
      source.resume()
    }
  }

  /// Whether the parent had the process ignore a signal, as `nohup` does.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return number == SIGHUP
      && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// The exit status after a signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP; nil without
  /// one.
  var exitStatus: Int32? { received.withLock { $0 }.map { 128 + $0 } }
}
