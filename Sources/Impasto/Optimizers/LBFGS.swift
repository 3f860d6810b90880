import Foundation
import Tensors

/// Limited-memory BFGS with a line search for the strong Wolfe conditions.
/// Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 and 7.5.
package struct LBFGS: Optimizer {
  /// How many pairs of steps and gradient changes approximate the curvature.
  package let history: Int
  /// Before anything is known of the curvature: the root mean square of the
  /// elements' first change that is tried.
  package let firstChange: Float
  private var pairs: [Pair] = []
  private var previous: (point: FloatBuffer, gradient: FloatBuffer)?

  private struct Pair {
    let step: FloatBuffer
    let change: FloatBuffer
    /// `1 / (step · change)`.
    let rho: Double
  }

  /// Vectors beside the pairs: two iterates on the line, the start, and the direction.
  private static let otherVectors = 7

  /// Makes an optimiser that knows nothing of the curvature yet.
  package init(history: Int = 10, firstChange: Float = 0.01) {
    self.history = history
    self.firstChange = firstChange
  }

  package mutating func step(
    _ iterate: inout Iterate, _ function: DifferentiableFunction, in space: VectorSpace
  ) throws -> StepOutcome {
    space.reserve(2 * (history - 1) + Self.otherVectors)
    remember(iterate, in: space)
    let direction = space.take()
    defer { space.giveBack(direction) }
    setDirection(direction, iterate.gradient, in: space)
    var slope = space.dot(direction, iterate.gradient)
    if !(slope < 0) {
      forget(in: space)
      setDirection(direction, iterate.gradient, in: space)
      slope = space.dot(direction, iterate.gradient)
    }
    guard slope.isFinite else { throw OptimizerError.notFinite }
    guard slope < 0 else { return StepOutcome(evaluations: 0, moved: false) }
    let length = pairs.isEmpty ? firstLength(direction, in: space) : 1
    // The oldest pair has done its work: the step about to be made takes its place.
    if pairs.count == history { discard(pairs.removeFirst(), to: space) }
    let search = LineSearch(direction: direction, slope: slope, space: space)
    let (next, evaluations) = try search.run(from: iterate, length: length, function)
    guard let next else {
      // The curvature may be out of date; steepest descent has one more try.
      guard !pairs.isEmpty else { return StepOutcome(evaluations: evaluations, moved: false) }
      forget(in: space)
      var outcome = try step(&iterate, function, in: space)
      outcome.evaluations += evaluations
      return outcome
    }
    previous = (iterate.point, iterate.gradient)
    iterate = next
    return StepOutcome(evaluations: evaluations, moved: true)
  }

  /// Takes the pair of the last step from where the iterate is now, so that a
  /// caller may have moved it a little in between.
  private mutating func remember(_ iterate: Iterate, in space: VectorSpace) {
    guard let (step, change) = previous else { return }
    previous = nil
    space.multiply(step, by: -1, into: step)
    space.add(iterate.point, times: 1, to: step)
    space.multiply(change, by: -1, into: change)
    space.add(iterate.gradient, times: 1, to: change)
    let curvature = space.dot(step, change)
    let pair = Pair(step: step, change: change, rho: 1 / curvature)
    guard curvature > 1e-10 * space.dot(change, change).squareRoot() else {
      discard(pair, to: space)
      return
    }
    pairs.append(pair)
  }

  private mutating func forget(in space: VectorSpace) {
    for pair in pairs { discard(pair, to: space) }
    pairs = []
  }

  private func discard(_ pair: Pair, to space: VectorSpace) {
    space.giveBack(pair.step)
    space.giveBack(pair.change)
  }

  /// The negative gradient times the approximated inverse Hessian: the two loops of algorithm 7.4.
  private func setDirection(
    _ direction: FloatBuffer, _ gradient: FloatBuffer, in space: VectorSpace
  ) {
    space.multiply(gradient, by: -1, into: direction)
    var alphas: [Double] = []
    for pair in pairs.reversed() {
      let alpha = pair.rho * space.dot(pair.step, direction)
      space.add(pair.change, times: Float(-alpha), to: direction)
      alphas.append(alpha)
    }
    if let last = pairs.last {
      let scale = 1 / (last.rho * space.dot(last.change, last.change))
      space.multiply(direction, by: Float(scale), into: direction)
    }
    for (pair, alpha) in zip(pairs, alphas.reversed()) {
      let beta = pair.rho * space.dot(pair.change, direction)
      space.add(pair.step, times: Float(alpha - beta), to: direction)
    }
  }

  private func firstLength(_ direction: FloatBuffer, in space: VectorSpace) -> Double {
    let meanSquare = space.dot(direction, direction) / Double(direction.count)
    return Double(firstChange) / meanSquare.squareRoot()
  }
}
