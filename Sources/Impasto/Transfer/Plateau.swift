/// Detects when a loss stops falling.
package struct Plateau {
  /// The share of the loss by which it must fall within a window of iterations.
  let tolerance: Double
  /// The least loss up to each iteration.
  private(set) var best: [Double]

  private static let window = 10

  /// - Parameter best: the least loss up to each iteration of an earlier run.
  package init(tolerance: Double, best: [Double] = []) {
    self.tolerance = tolerance
    self.best = best
  }

  /// Adds the loss after one more iteration.
  ///
  /// - Returns: whether the plateau is reached.
  package mutating func isReached(after loss: Double) -> Bool {
    best.append(min(loss, best.last ?? .infinity))
    guard best.count > Self.window else { return false }
    return best.last! > (1 - tolerance) * best[best.count - 1 - Self.window]
  }
}
