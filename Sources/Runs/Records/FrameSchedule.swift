/// The iterations that leave a frame: the first ten, and then fewer and fewer, because a picture
/// changes most at first.
package struct FrameSchedule: Sendable {
  private var next = 1.0
  private var scale = 1

  /// The growth of the distance between frames.
  private static let growth = 1.1

  package init() {}

  /// Whether there is a frame after an iteration. Iterations must come in order.
  package mutating func hasFrame(iteration: Int, scale: Int, isLast: Bool) -> Bool {
    defer { self.scale = scale }
    let isDue = Double(iteration) >= next
    if isDue { next = max(Double(iteration) + 1, Double(iteration) * Self.growth) }
    return isDue || isLast || scale != self.scale
  }
}
