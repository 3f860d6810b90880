import Foundation
import Runs
import Training

/// Shows the progress of a training: a line on a terminal that is overwritten, and elsewhere a line
/// every few seconds.
final class TrainingProgress {
  private var steps = 0
  private let isQuiet: Bool
  private var first: (step: Int, seconds: Double)?
  private var ends: [Double] = []
  private var isLineOpen = false
  /// The seconds in which samples were not ready, after the first step.
  private(set) var waited = 0.0
  private var lastLine = ContinuousClock.now
  /// Means over the last steps, because each step has other photos.
  private var means: (total: Double, content: Double, style: Double)?

  private static let secondsBetweenLines = 10.0
  /// The part that a step has in the means.
  private static let share = 0.05

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func show(_ event: TrainJob.Event) {
    switch event {
    case .warning(let text):
      end()
      Terminal.note(text)
    case .started(let photos, let steps, let step):
      self.steps = steps
      guard !isQuiet else { return }
      Terminal.note("Training with \(photos) photos" + (step > 0 ? ", after step \(step)" : ""))
    case .step(let step):
      if !ends.isEmpty { waited += step.waited }
      ends.append(step.seconds)
      if !isQuiet { show(step) }
    }
  }

  /// The median time of the steps after the first; that of the first without others.
  var medianStep: Double {
    let times = zip(ends.dropFirst(), ends).map { $0 - $1 }.sorted()
    return times.isEmpty ? ends.first ?? 0 : times[times.count / 2]
  }

  private func show(_ step: TrainingStep) {
    let losses = (step.losses.total, step.losses.content, step.losses.style)
    let before = means ?? losses
    let means = (
      before.0 + Self.share * (losses.0 - before.0), before.1 + Self.share * (losses.1 - before.1),
      before.2 + Self.share * (losses.2 - before.2)
    )
    self.means = means
    isLineOpen = step.number < steps
    let text = String(
      format: "step %d/%d  loss %.4g  content %.4g  style %.4g%@", step.number, steps, means.0,
      means.1, means.2, left(step))
    if Terminal.isInteractive {
      Terminal.write("\r\u{1B}[K\(text)" + (isLineOpen ? "" : "\n"))
    } else if !isLineOpen
      || (ContinuousClock.now - lastLine) / .seconds(1) >= Self.secondsBetweenLines
    {
      lastLine = .now
      Terminal.note(text)
    }
  }

  /// Ends the line of a training that did not reach its last step.
  func end() {
    if isLineOpen, Terminal.isInteractive { Terminal.write("\n") }
    isLineOpen = false
  }

  /// The time left, once two steps were timed.
  private func left(_ step: TrainingStep) -> String {
    guard let first else {
      self.first = (step.number, step.seconds)
      return ""
    }
    let pace = (step.seconds - first.seconds) / Double(step.number - first.step)
    let seconds = Int((pace * Double(steps - step.number)).rounded())
    return String(
      format: "  %d:%02d:%02d left", seconds / 3600, seconds / 60 % 60, seconds % 60)
  }
}
