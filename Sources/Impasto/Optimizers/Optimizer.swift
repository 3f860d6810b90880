/// Minimises a function step by step.
///
/// An optimiser works on any function of a vector and knows nothing of pictures;
/// in particular it knows no range of values.
public protocol Optimizer: Sendable {
  /// Moves to a better point.
  ///
  /// - Parameters:
  ///   - iterate: the current point with the function's value and gradient there; on
  ///     return the next point with its own. Unchanged if an error is thrown.
  ///   - function: gives the value at a point and writes the gradient.
  /// - Returns: how often `function` was called, and whether the point moved.
  /// - Throws: `OptimizerError.notFinite`, and what `function` throws.
  mutating func step(_ iterate: inout Iterate, _ function: DifferentiableFunction) throws
    -> StepOutcome
}

/// A function's value at a point; its gradient is written to the second argument,
/// which has the point's length.
public typealias DifferentiableFunction = (_ point: [Float], _ gradient: inout [Float]) throws ->
  Double

/// A point with what is known of the function there.
public struct Iterate: Sendable {
  /// Where the optimisation is. Whoever changes it between steps makes sure that value
  /// and gradient stay what they are there.
  public var point: [Float]
  /// The function's value at the point.
  public internal(set) var value: Double
  /// The function's gradient at the point, as long as it.
  public internal(set) var gradient: [Float]

  /// Evaluates a function where an optimisation starts.
  ///
  /// - Throws: `OptimizerError.notFinite`, and what `function` throws.
  public init(_ point: [Float], _ function: DifferentiableFunction) throws {
    self.point = point
    gradient = [Float](repeating: 0, count: point.count)
    value = try function(point, &gradient)
    guard value.isFinite else { throw OptimizerError.notFinite }
  }
}

/// What one step did.
public struct StepOutcome: Sendable, Hashable {
  /// Evaluations of function and gradient.
  public var evaluations: Int
  /// False when no better point was found: the optimisation is at its end.
  public var moved: Bool
}

/// Why an optimisation cannot go on.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The function's value is infinite or not a number.
  case notFinite

  public var description: String {
    "the loss is not a finite number any more; try smaller weights or a smaller learning rate."
  }
}
