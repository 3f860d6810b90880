import Foundation
import Runs

/// Shows how far a film is: a line on a terminal that is overwritten, and elsewhere a line every few
/// seconds.
final class FilmProgress {
  private let isQuiet: Bool
  private let start = ContinuousClock.now
  private var lastLine = ContinuousClock.now
  /// The frames of this run.
  private var count = 0
  private static let secondsBetweenLines = 5.0

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func show(_ progress: FilmJob.Progress) {
    count += 1
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    guard !isQuiet, (ContinuousClock.now - lastLine) / .seconds(1) >= interval else { return }
    lastLine = .now
    let rate = Double(count) / elapsed
    var text = "frame \(progress.frames)"
    if let all = progress.allFrames { text += "/\(all)" }
    text += String(format: "  %.1f a second", rate)
    if let all = progress.allFrames {
      text += "  \(Progress.clock(Double(all - progress.frames) / rate)) left"
    }
    Terminal.isInteractive ? Terminal.write("\r\u{1B}[K\(text)") : Terminal.note(text)
  }

  /// Ends the line that is overwritten.
  func end() {
    if Terminal.isInteractive, !isQuiet, count > 0 { Terminal.write("\r\u{1B}[K") }
  }

  private var interval: Double { Terminal.isInteractive ? 0.2 : Self.secondsBetweenLines }
}
