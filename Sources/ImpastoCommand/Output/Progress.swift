import Foundation
import Impasto

/// Shows the progress of a transfer: a bar on a terminal, and elsewhere a line every few seconds.
struct Progress {
  private let iterations: Int
  private let start = ContinuousClock.now
  private var lastLine = ContinuousClock.now
  private static let secondsBetweenLines = 5.0

  init(iterations: Int) {
    self.iterations = iterations
  }

  mutating func show(_ step: TransferStep) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let left = step.iteration > 0 ? elapsed / step.progress * (1 - step.progress) : 0
    let loss = String(format: "%.4g", step.losses.total)
    let text = "\(step.iteration)/\(iterations)  loss \(loss)  \(Self.clock(left)) left"
    if Terminal.isInteractive {
      let width = max(0, min(40, Terminal.columns - text.count - 5))
      let filled = Int(Double(width) * step.progress)
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      Terminal.write("\r\u{1B}[K\(bar)  \(text)")
      if step.status != .running { Terminal.write("\n") }
    } else if step.status != .running
      || (ContinuousClock.now - lastLine) / .seconds(1) >= Self.secondsBetweenLines
    {
      lastLine = .now
      Terminal.note("iteration \(text)")
    }
  }

  /// Ends the bar's line when the transfer fails.
  func abandon() {
    if Terminal.isInteractive { Terminal.write("\n") }
  }

  /// Caps the estimate at 100 hours.
  private static func clock(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 359_999).rounded())
    return String(format: "%d:%02d", seconds / 60, seconds % 60)
  }
}
