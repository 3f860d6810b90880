import Engine
import Foundation

/// Limited-memory BFGS with a strong Wolfe line search: Nocedal and Wright, "Numerical
/// Optimization" (2006), algorithms 7.4 and 7.5.
///
/// A preconditioner replaces the identity in equation 7.20.
package struct LBFGS: Optimizer {
  /// The number of pairs of steps and gradient changes that approximate the curvature.
  package let history: Int
  /// The root mean square of the elements' change in the first step, which has no curvature
  /// information.
  package let firstChange: Float
  private let preconditioner: (any Preconditioner)?
  private var scales: FloatBuffer?
  private var curvature = CurvatureHistory()
  private var previous: (point: FloatBuffer, gradient: FloatBuffer)?

  /// The number of vectors that a step computes with: the start, a point on the line and the direction.
  private static let activeVectors = 5
  /// The number of vectors that a step remembers besides the pairs: the best point on the line, and the
  /// preconditioner's.
  private static let otherVectors = 3

  /// Makes an optimizer without a history.
  package init(
    history: Int = 8, firstChange: Float = 0.01, preconditioner: (any Preconditioner)? = nil
  ) {
    self.history = history
    self.firstChange = firstChange
    self.preconditioner = preconditioner
  }

  package mutating func step<Detail>(
    _ iterate: inout Iterate<Detail>, _ function: DifferentiableFunction<Detail>,
    in space: VectorSpace
  ) throws -> StepOutcome {
    space.reserve(Self.activeVectors, archived: 2 * (history - 1) + Self.otherVectors)
    if let pair = takePair(iterate, in: space) { curvature.append(pair, in: space) }
    let direction = space.take()
    defer { space.giveBack(direction) }
    var slope = setDirection(direction, gradient: iterate.gradient, in: space)
    if !(slope < 0), curvature.count > 0 {
      curvature.forget(in: space)
      slope = setDirection(direction, gradient: iterate.gradient, in: space)
    }
    guard slope.isFinite else { throw OptimizerError.notFinite }
    guard slope < 0 else { return StepOutcome(evaluations: 0, moved: false) }
    let isFirst = curvature.count == 0
    let length = isFirst ? firstLength(direction, in: space) : 1
    // The pair of the step that follows replaces the oldest one.
    if curvature.count == history { curvature.forgetOldest(in: space) }
    let search = LineSearch(direction: direction, slope: slope, space: space)
    let (next, evaluations) = try search.run(from: iterate, length: length, function)
    guard let next else {
      // The curvature may be out of date: retry once with steepest descent.
      guard !isFirst else { return StepOutcome(evaluations: evaluations, moved: false) }
      curvature.forget(in: space)
      var outcome = try step(&iterate, function, in: space)
      outcome.evaluations += evaluations
      return outcome
    }
    previous = (iterate.point, iterate.gradient)
    iterate = next
    return StepOutcome(evaluations: evaluations, moved: true)
  }

  package mutating func functionChanges(steepness: Double, in space: VectorSpace) {
    curvature.steepen(by: steepness, in: space)
    guard let previous else { return }
    space.giveBack(previous.point)
    space.giveBack(previous.gradient)
    self.previous = nil
  }

  /// The vectors of an optimization with this optimizer: those in memory, and those that an archive can
  /// hold.
  static func vectors(history: Int) -> (active: Int, remembered: Int) {
    // A step needs another vector for the product with the scales.
    (activeVectors, 2 * history + otherVectors + 1)
  }

  package var state: OptimizerState {
    var state = curvature.state
    state.vectors["previous point"] = previous?.point
    state.vectors["previous gradient"] = previous?.gradient
    return state
  }

  package mutating func restore(_ state: OptimizerState, in space: VectorSpace) throws {
    curvature = try CurvatureHistory(state, atMost: history, in: space)
    let point = try state.vector("previous point", in: space)
    let gradient = try state.vector("previous gradient", in: space)
    guard (point == nil) == (gradient == nil) else { throw CheckpointError() }
    previous = point.map { ($0, gradient!) }
  }

  /// Takes the pair of the last step, measured at the iterate's current point, which the caller may
  /// have moved slightly in between.
  private mutating func takePair<Detail>(_ iterate: Iterate<Detail>, in space: VectorSpace)
    -> CurvatureHistory.Pair?
  {
    guard let (step, change) = previous else { return nil }
    previous = nil
    space.sum(iterate.point, step, times: -1, into: step)
    space.sum(iterate.gradient, change, times: -1, into: change)
    return CurvatureHistory.Pair(step: step, change: change)
  }

  /// Writes the search direction.
  ///
  /// - Returns: the slope, which is the product of direction and gradient.
  private mutating func setDirection(
    _ direction: FloatBuffer, gradient: FloatBuffer, in space: VectorSpace
  ) -> Double {
    if let preconditioner {
      if scales == nil { scales = space.takeArchived() }
      preconditioner.setScales(scales!, gradient: gradient, in: space)
      scales!.release()
    }
    curvature.setDirection(direction, gradient: gradient, scales: scales, in: space)
    return space.dot(direction, gradient)
  }

  private func firstLength(_ direction: FloatBuffer, in space: VectorSpace) -> Double {
    let meanSquare = space.dot(direction, direction) / Double(direction.count)
    return Double(firstChange) / meanSquare.squareRoot()
  }
}
