import Engine

/// A search along a direction for a point that satisfies the strong Wolfe conditions: Nocedal and
/// Wright, "Numerical Optimization" (2006), algorithms 3.5 and 3.6.
struct LineSearch {
  let direction: FloatBuffer
  /// The derivative along the direction at the start; must be negative.
  let slope: Double
  let space: VectorSpace

  /// Conditions 3.7a and 3.7b with the book's constants for quasi-Newton methods.
  private static let sufficientDecrease = 1e-4
  private static let curvature = 0.9
  private static let mostEvaluations = 20

  /// A point on the line.
  private struct Trial {
    let length: Double
    let value: Double
    let slope: Double
  }

  /// Runs the search.
  ///
  /// - Parameter length: the first step to try, as a factor of the direction.
  /// - Returns: the point, or nil if the search finds none that is better than the start.
  /// - Throws: `OptimizerError.notFinite` if the function is not finite at any tried point.
  func run<Detail>(
    from start: Iterate<Detail>, length: Double, _ function: DifferentiableFunction<Detail>
  ) throws -> (next: Iterate<Detail>?, evaluations: Int) {
    var low = Trial(length: 0, value: start.value, slope: slope)
    var best: Iterate<Detail>?
    var high: Trial?
    var length = length
    var isAnywhereFinite = false
    for evaluation in 1...Self.mostEvaluations {
      let (trial, iterate) = try evaluate(start, length, function)
      isAnywhereFinite = isAnywhereFinite || trial.value.isFinite
      if !isDecrease(trial, from: start) || trial.value >= low.value {
        // The step is too long, or the value is not a number.
        high = trial
        iterate.discard(to: space)
      } else {
        best?.discard(to: space)
        best = iterate
        if abs(trial.slope) <= -Self.curvature * slope { return (best, evaluation) }
        best = iterate.archived(in: space)
        // If the slope points back, the minimum is between this point and the best so far.
        if trial.slope * ((high?.length ?? .infinity) - low.length) >= 0 { high = low }
        low = trial
      }
      length = high.map { next(low, $0) } ?? expanded(from: trial)
    }
    guard isAnywhereFinite else { throw OptimizerError.notFinite }
    return (best?.unarchived(in: space), Self.mostEvaluations)
  }

  private func evaluate<Detail>(
    _ start: Iterate<Detail>, _ length: Double, _ function: DifferentiableFunction<Detail>
  ) throws -> (Trial, Iterate<Detail>) {
    let point = space.take()
    space.sum(start.point, direction, times: Float(length), into: point)
    let iterate = try Iterate(evaluating: function, at: point, in: space)
    let slope = space.dot(direction, iterate.gradient)
    return (Trial(length: length, value: iterate.value, slope: slope), iterate)
  }

  private func isDecrease<Detail>(_ trial: Trial, from start: Iterate<Detail>) -> Bool {
    trial.value <= start.value + Self.sufficientDecrease * trial.length * slope
  }

  /// The next length while the function still falls: the minimum by the secant of the slopes, at
  /// most ten times the last length.
  private func expanded(from trial: Trial) -> Double {
    let change = trial.slope - slope
    let secant = change > 0 ? -slope / change * trial.length : .infinity
    return min(max(secant, 2 * trial.length), 10 * trial.length)
  }

  /// The minimum of the cubic through both ends (equation 3.59), kept off the ends.
  private func next(_ low: Trial, _ high: Trial) -> Double {
    let middle = (low.length + high.length) / 2
    guard high.value.isFinite, high.slope.isFinite else {
      return low.length + (high.length - low.length) / 10
    }
    let d1 = low.slope + high.slope - 3 * (low.value - high.value) / (low.length - high.length)
    let radicand = d1 * d1 - low.slope * high.slope
    guard radicand >= 0 else { return middle }
    let d2 = radicand.squareRoot() * (high.length > low.length ? 1 : -1)
    let minimum =
      high.length - (high.length - low.length) * (high.slope + d2 - d1)
      / (high.slope - low.slope + 2 * d2)
    let (left, right) = (min(low.length, high.length), max(low.length, high.length))
    let margin = 0.1 * (right - left)
    guard minimum.isFinite else { return middle }
    return min(max(minimum, left + margin), right - margin)
  }
}
