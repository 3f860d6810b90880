import Engine

/// Knows beforehand how far the elements of a vector have to move in proportion to their
/// gradients, where an optimizer would only learn it step by step.
package protocol Preconditioner: Sendable {
  /// Writes the proportions, one positive number for each element.
  func setScales(_ scales: FloatBuffer, gradient: FloatBuffer, in space: VectorSpace)
}
