import Foundation
import Impasto
import Synchronization

/// Shows how far a download is: a bar on a terminal, and elsewhere a line now and then.
final class DownloadProgress: Sendable {
  private struct State {
    var lastLine = ContinuousClock.now
    var hasBar = false
  }

  private let state = Mutex(State())
  private static let secondsBetweenLines = 5.0
  private static let secondsBetweenBars = 0.1

  func show(_ progress: ModelDownload.Progress) {
    switch progress {
    case .trying(let address): note("downloading \(address.absoluteString)")
    case .verifying: note("verifying")
    case .received(let count, let expected): received(count, of: expected)
    }
  }

  /// Leaves the bar's line.
  func end() {
    state.withLock { state in
      if state.hasBar { Terminal.write("\n") }
      state.hasBar = false
    }
  }

  private func note(_ line: String) {
    end()
    Terminal.note(line)
  }

  private func received(_ count: Int, of expected: Int?) {
    state.withLock { state in
      let pause = Terminal.isInteractive ? Self.secondsBetweenBars : Self.secondsBetweenLines
      guard (.now - state.lastLine) / .seconds(1) >= pause else { return }
      state.lastLine = .now
      func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }
      let text = megabytes(count) + (expected.map { " of \(megabytes($0))" } ?? "") + " MB"
      guard Terminal.isInteractive else { return Terminal.note(text) }
      state.hasBar = true
      let width = max(0, min(40, Terminal.columns - text.count - 5))
      let filled = expected.map { width * min(count, $0) / max(1, $0) } ?? 0
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      Terminal.write("\r\u{1B}[K\(bar)  \(text)")
    }
  }
}
