import Engine

/// A prior estimate of the ratio of step to gradient for each element, which an optimizer would
/// otherwise learn step by step.
package protocol Preconditioner: Sendable {
  /// Writes the ratios, one positive number for each element.
  func setScales(_ scales: FloatBuffer, gradient: FloatBuffer, in space: VectorSpace)
}
