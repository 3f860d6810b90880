import Foundation
import Impasto

/// Shows the progress of a transfer: a bar on a terminal, and elsewhere a line every few seconds.
struct Progress {
  private let iterations: Int
  private let start = ContinuousClock.now
  /// The time and the progress of the first step of a run that continues, whose earlier steps took
  /// unknown time.
  private var reference: (seconds: Double, progress: Double)?
  private var lastLine = ContinuousClock.now
  private static let secondsBetweenLines = 5.0

  init(iterations: Int, isResumed: Bool) {
    self.iterations = iterations
    if !isResumed { reference = (0, 0) }
  }

  mutating func show(_ step: TransferStep) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let loss = String(format: "%.4g", step.losses.total)
    var text = "\(step.iteration)/\(iterations)  loss \(loss)"
    if let reference, step.progress > reference.progress {
      let pace = (elapsed - reference.seconds) / (step.progress - reference.progress)
      text += "  \(Self.clock(pace * (1 - step.progress))) left"
    } else if reference == nil {
      reference = (elapsed, step.progress)
    }
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
  static func clock(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 359_999).rounded())
    return String(format: "%d:%02d", seconds / 60, seconds % 60)
  }
}
