import Engine

/// Minimises a function step by step.
///
/// An optimiser works on any function of a vector and knows nothing of pictures;
/// in particular it knows no range of values. All vectors are of one space.
package protocol Optimizer: Sendable {
  /// Moves to a better point.
  ///
  /// - Parameters:
  ///   - iterate: the current point with the function's value and gradient there; on
  ///     return the next point with its own. Unchanged if an error is thrown.
  ///   - function: gives the value at a point and writes the gradient.
  /// - Returns: how often `function` was called, and whether the point moved.
  /// - Throws: `OptimizerError.notFinite`, and what `function` throws.
  mutating func step(
    _ iterate: inout Iterate, _ function: DifferentiableFunction, in space: VectorSpace
  ) throws -> StepOutcome

  /// Says that from the next step on the function is a similar other one: gradients of
  /// before and after must not be compared.
  ///
  /// - Parameter steepness: how many times longer its gradient is.
  mutating func functionChanges(steepness: Double, in space: VectorSpace)
}

extension Optimizer {
  package mutating func functionChanges(steepness: Double, in space: VectorSpace) {}
}

/// A function's value at a point; its gradient is written to the second argument.
package typealias DifferentiableFunction = (_ point: FloatBuffer, _ gradient: FloatBuffer) throws ->
  Double

/// A point with what is known of the function there.
package struct Iterate {
  /// Where the optimisation is. Whoever changes it between steps makes sure that value
  /// and gradient stay what they are there.
  package let point: FloatBuffer
  /// The function's value at the point.
  package let value: Double
  /// The function's gradient at the point.
  package let gradient: FloatBuffer

  /// Evaluates a function.
  ///
  /// - Throws: what `function` throws.
  init(
    evaluating function: DifferentiableFunction, at point: FloatBuffer, in space: VectorSpace
  ) throws {
    self.point = point
    gradient = space.take()
    value = try function(point, gradient)
  }

  /// Evaluates a function where an optimisation starts, or steps to without looking back.
  ///
  /// - Throws: `OptimizerError.notFinite`, and what `function` throws.
  package init(
    _ point: FloatBuffer, _ function: DifferentiableFunction, in space: VectorSpace
  ) throws {
    try self.init(evaluating: function, at: point, in: space)
    guard value.isFinite else { throw OptimizerError.notFinite }
  }

  /// Gives the memory back.
  func discard(to space: VectorSpace) {
    space.giveBack(point)
    space.giveBack(gradient)
  }
}

/// What one step did.
package struct StepOutcome: Sendable, Hashable {
  /// Evaluations of function and gradient.
  package var evaluations: Int
  /// False when no better point was found: the optimisation is at its end.
  package var moved: Bool
}

/// Why an optimisation cannot go on.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The function's value is infinite or not a number.
  case notFinite

  public var description: String {
    "the loss is not a finite number any more; try smaller weights or a smaller learning rate."
  }
}
