import Engine

/// What an optimizer remembers of earlier steps, by name.
package struct OptimizerState: Sendable {
  /// Vectors of the optimizer's space.
  package var vectors: [String: FloatBuffer] = [:]
  /// Numbers.
  package var numbers: [String: Double] = [:]

  package init() {}

  /// Copies a vector into the memory of a space; nil if there is none of this name.
  ///
  /// - Throws: `CheckpointError` if its length is another.
  func vector(_ name: String, in space: VectorSpace) throws -> FloatBuffer? {
    guard let stored = vectors[name] else { return nil }
    guard stored.count == space.count else { throw CheckpointError() }
    let vector = space.take()
    space.copy(stored, into: vector)
    stored.release()
    return vector
  }
}
