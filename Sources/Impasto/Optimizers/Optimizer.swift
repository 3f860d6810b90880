import Engine

/// Minimizes a function step by step.
///
/// An optimizer works on any function of a vector and knows nothing of pictures; in particular it
/// knows no range of values. All vectors belong to one space.
package protocol Optimizer: Sendable {
  /// Moves to a better point.
  ///
  /// - Parameters:
  ///   - iterate: the current point with the function's value and gradient there; on return the
  ///     next point. Unchanged if an error is thrown.
  ///   - function: gives the value at a point and writes the gradient.
  /// - Returns: how often `function` was called, and whether the point moved.
  /// - Throws: `OptimizerError.notFinite`, and what `function` throws.
  mutating func step<Detail>(
    _ iterate: inout Iterate<Detail>, _ function: DifferentiableFunction<Detail>,
    in space: VectorSpace
  ) throws -> StepOutcome

  /// Announces that from the next step on a similar function is minimized: gradients from before
  /// and after the change must not be compared.
  ///
  /// - Parameter steepness: the ratio of the new gradient's length to the old one's.
  mutating func functionChanges(steepness: Double, in space: VectorSpace)
}

extension Optimizer {
  package mutating func functionChanges(steepness: Double, in space: VectorSpace) {}
}

/// A function's value at a point, with whatever else the evaluation found. The gradient is
/// written to the second argument.
package typealias DifferentiableFunction<Detail> = (
  _ point: FloatBuffer, _ gradient: FloatBuffer
) throws -> (value: Double, detail: Detail)

/// A point with what is known of the function there.
package struct Iterate<Detail> {
  /// The optimization's current point. A caller that changes it between steps must make sure that
  /// value and gradient stay valid.
  package let point: FloatBuffer
  /// The function's value at the point.
  package let value: Double
  /// What else the evaluation at the point found, such as the terms of a sum.
  package let detail: Detail
  /// The function's gradient at the point.
  package let gradient: FloatBuffer

  /// Evaluates a function.
  ///
  /// - Throws: what `function` throws.
  init(
    evaluating function: DifferentiableFunction<Detail>, at point: FloatBuffer,
    in space: VectorSpace
  ) throws {
    self.point = point
    gradient = space.take()
    (value, detail) = try function(point, gradient)
  }

  /// Evaluates a function where an optimization starts, or at a point that it must accept.
  ///
  /// - Throws: `OptimizerError.notFinite`, and what `function` throws.
  package init(
    _ point: FloatBuffer, _ function: DifferentiableFunction<Detail>, in space: VectorSpace
  ) throws {
    try self.init(evaluating: function, at: point, in: space)
    guard value.isFinite else { throw OptimizerError.notFinite }
  }

  /// Returns the vectors to their space.
  func discard(to space: VectorSpace) {
    space.giveBack(point)
    space.giveBack(gradient)
  }
}

/// What one step did.
package struct StepOutcome: Sendable, Hashable {
  /// Evaluations of function and gradient.
  package var evaluations: Int
  /// False when no better point was found: the optimization is at its end.
  package var moved: Bool
}

/// Why an optimization cannot continue.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The function's value is infinite or not a number.
  case notFinite

  public var description: String {
    "the loss is no longer finite; try smaller weights or a smaller learning rate."
  }
}
