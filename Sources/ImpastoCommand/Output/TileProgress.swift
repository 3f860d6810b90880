/// Shows how far a picture is that is repainted in tiles: a line on a terminal that is overwritten,
/// and elsewhere a line every few seconds.
final class TileProgress {
  private let start = ContinuousClock.now
  private var lastLine = ContinuousClock.now
  private static let secondsBetweenLines = 5.0

  func show(_ part: Double) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let percent = Int(100 * part)
    let text = "in tiles: \(percent) %, \(Int(elapsed / part * (1 - part))) seconds left"
    if Terminal.isInteractive {
      Terminal.write("\r\u{1B}[K\(text)" + (part == 1 ? "\n" : ""))
    } else if (ContinuousClock.now - lastLine) / .seconds(1) >= Self.secondsBetweenLines {
      lastLine = .now
      Terminal.note(text)
    }
  }
}
