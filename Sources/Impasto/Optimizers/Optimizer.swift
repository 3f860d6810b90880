import Engine

/// An algorithm that minimizes a function step by step.
///
/// An optimizer works on any function of a vector, not only on pictures, and does not constrain
/// its values. All vectors belong to one space.
package protocol Optimizer: Sendable {
  /// Moves to a better point.
  ///
  /// - Parameters:
  ///   - iterate: the current point with the function's value and gradient there; on return the
  ///     next point. Unchanged if an error is thrown.
  ///   - function: returns the value at a point and writes the gradient.
  /// - Returns: the number of calls of `function`, and whether the point moved.
  /// - Throws: `OptimizerError.notFinite`, and errors of `function`.
  mutating func step<Detail>(
    _ iterate: inout Iterate<Detail>, _ function: DifferentiableFunction<Detail>,
    in space: VectorSpace
  ) throws -> StepOutcome

  /// Tells the optimizer that the next steps minimize a similar function.
  ///
  /// Gradients from before and after the change must not be compared.
  ///
  /// - Parameter steepness: the ratio of the new gradient's length to the old one's.
  mutating func functionChanges(steepness: Double, in space: VectorSpace)

  /// What the optimizer remembers of earlier steps. The vectors are valid until the next step.
  var state: OptimizerState { get }

  /// Continues from the state of an optimizer of the same kind.
  ///
  /// - Throws: `CheckpointError` for the state of another kind.
  mutating func restore(_ state: OptimizerState, in space: VectorSpace) throws
}

extension Optimizer {
  package mutating func functionChanges(steepness: Double, in space: VectorSpace) {}
}

/// A function that returns its value at a point with further results of the evaluation, and
/// writes its gradient to the second argument.
package typealias DifferentiableFunction<Detail> = (
  _ point: FloatBuffer, _ gradient: FloatBuffer
) throws -> (value: Double, detail: Detail)

/// A point with the function's value and gradient.
package struct Iterate<Detail> {
  /// The optimization's current point. A caller that changes it between steps must make sure that
  /// value and gradient stay valid.
  package let point: FloatBuffer
  /// The function's value at the point.
  package let value: Double
  /// Further results of the evaluation, such as the terms of a sum.
  package let detail: Detail
  /// The function's gradient at the point.
  package let gradient: FloatBuffer

  /// Evaluates a function at a point.
  ///
  /// - Throws: errors of `function`.
  init(
    evaluating function: DifferentiableFunction<Detail>, at point: FloatBuffer,
    in space: VectorSpace
  ) throws {
    self.point = point
    gradient = space.take()
    (value, detail) = try function(point, gradient)
  }

  /// Evaluates a function at a point where its value must be finite, such as a start.
  ///
  /// - Throws: `OptimizerError.notFinite`, and errors of `function`.
  package init(
    _ point: FloatBuffer, _ function: DifferentiableFunction<Detail>, in space: VectorSpace
  ) throws {
    try self.init(evaluating: function, at: point, in: space)
    guard value.isFinite else { throw OptimizerError.notFinite }
  }

  private init(_ other: Iterate, point: FloatBuffer, gradient: FloatBuffer) {
    (self.point, self.gradient) = (point, gradient)
    (value, detail) = (other.value, other.detail)
  }

  /// The iterate with its vectors in the space's archive, if there is one.
  func archived(in space: VectorSpace) -> Iterate {
    Iterate(self, point: space.archived(point), gradient: space.archived(gradient))
  }

  /// The iterate with its vectors in memory.
  func unarchived(in space: VectorSpace) -> Iterate {
    Iterate(self, point: space.unarchived(point), gradient: space.unarchived(gradient))
  }

  /// Returns the vectors to their space.
  func discard(to space: VectorSpace) {
    space.giveBack(point)
    space.giveBack(gradient)
  }
}

/// The outcome of one optimizer step.
package struct StepOutcome: Sendable, Hashable {
  /// The number of evaluations of function and gradient.
  package var evaluations: Int
  /// Whether a better point was found; if not, the optimization has ended.
  package var moved: Bool
}

/// An error that ends an optimization.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The function's value is infinite or not a number.
  case notFinite
  /// No step from the start lowers the function's value.
  case noImprovement

  public var description: String {
    switch self {
    case .notFinite: "the loss is no longer finite; try smaller weights or a smaller learning rate."
    case .noImprovement:
      "no step from the start lowers the loss; try smaller weights, or weights that differ less."
    }
  }
}
