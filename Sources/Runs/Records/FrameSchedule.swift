/// Which iterations leave a frame: the first ten, and then ever fewer, because a picture
/// changes most at first.
package struct FrameSchedule: Sendable {
  private var next = 1.0
  private var scale = 1

  /// What the distance of frames grows by.
  private static let growth = 1.1

  package init() {}

  /// Whether there is a frame after an iteration, in the order in which they come.
  package mutating func wants(iteration: Int, scale: Int, isLast: Bool) -> Bool {
    defer { self.scale = scale }
    let isDue = Double(iteration) >= next
    if isDue { next = max(Double(iteration) + 1, Double(iteration) * Self.growth) }
    return isDue || isLast || scale != self.scale
  }
}
