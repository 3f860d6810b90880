import Foundation
import Tensors

/// Limited-memory BFGS with a line search for the strong Wolfe conditions.
/// Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 and 7.5.
public struct LBFGS: Optimizer {
  /// How many pairs of steps and gradient changes approximate the curvature.
  public var history: Int
  /// Before anything is known of the curvature: the root mean square of the
  /// elements' first change that is tried.
  public var firstChange: Float
  private var pairs: [Pair] = []
  private var previous: (point: [Float], gradient: [Float])?

  private struct Pair {
    let step: [Float]
    let change: [Float]
    /// `1 / (step · change)`.
    let rho: Double
  }

  /// Makes an optimiser that knows nothing of the curvature yet.
  public init(history: Int = 10, firstChange: Float = 0.01) {
    self.history = history
    self.firstChange = firstChange
  }

  public mutating func step(_ iterate: inout Iterate, _ function: DifferentiableFunction) throws
    -> StepOutcome
  {
    remember(iterate)
    var direction = self.direction(iterate.gradient)
    var slope = VectorArithmetic.dot(direction, iterate.gradient)
    if !(slope < 0) {
      pairs = []
      direction = self.direction(iterate.gradient)
      slope = VectorArithmetic.dot(direction, iterate.gradient)
    }
    guard slope.isFinite else { throw OptimizerError.notFinite }
    guard slope < 0 else { return StepOutcome(evaluations: 0, moved: false) }
    let length = pairs.isEmpty ? firstLength(direction) : 1
    let search = LineSearch(direction: direction, slope: slope)
    let (next, evaluations) = try search.run(from: iterate, length: length, function)
    guard let next else {
      // The curvature may be out of date; steepest descent has one more try.
      guard !pairs.isEmpty else { return StepOutcome(evaluations: evaluations, moved: false) }
      pairs = []
      previous = nil
      var outcome = try step(&iterate, function)
      outcome.evaluations += evaluations
      return outcome
    }
    previous = (iterate.point, iterate.gradient)
    iterate = next
    return StepOutcome(evaluations: evaluations, moved: true)
  }

  /// Takes the pair of the last step from where the iterate is now, so that a
  /// caller may have moved it a little in between.
  private mutating func remember(_ iterate: Iterate) {
    guard let previous else { return }
    self.previous = nil
    var step = iterate.point
    VectorArithmetic.add(previous.point, times: -1, to: &step)
    var change = iterate.gradient
    VectorArithmetic.add(previous.gradient, times: -1, to: &change)
    let curvature = VectorArithmetic.dot(step, change)
    guard curvature > 1e-10 * VectorArithmetic.dot(change, change).squareRoot() else { return }
    if pairs.count == history { pairs.removeFirst() }
    pairs.append(Pair(step: step, change: change, rho: 1 / curvature))
  }

  /// The negative gradient times the approximated inverse Hessian: the two loops of algorithm 7.4.
  private func direction(_ gradient: [Float]) -> [Float] {
    var direction = gradient
    VectorArithmetic.scale(&direction, by: -1)
    var alphas: [Double] = []
    for pair in pairs.reversed() {
      let alpha = pair.rho * VectorArithmetic.dot(pair.step, direction)
      VectorArithmetic.add(pair.change, times: Float(-alpha), to: &direction)
      alphas.append(alpha)
    }
    if let last = pairs.last {
      VectorArithmetic.scale(
        &direction, by: Float(1 / (last.rho * VectorArithmetic.dot(last.change, last.change))))
    }
    for (pair, alpha) in zip(pairs, alphas.reversed()) {
      let beta = pair.rho * VectorArithmetic.dot(pair.change, direction)
      VectorArithmetic.add(pair.step, times: Float(alpha - beta), to: &direction)
    }
    return direction
  }

  private func firstLength(_ direction: [Float]) -> Double {
    let meanSquare = VectorArithmetic.dot(direction, direction) / Double(direction.count)
    return Double(firstChange) / meanSquare.squareRoot()
  }
}
