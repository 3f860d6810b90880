import Engine

/// The memory of the steps' pictures.
///
/// A picture stays unchanged while its step is referenced; afterwards its memory is reused.
struct Snapshots {
  private let storage: FloatBuffer.Storage
  private var allocated = 0
  private var recent: [FloatBuffer] = []

  /// - Parameter storage: the place of the first `most` pictures. A caller that holds more steps has
  ///   the others in memory.
  init(in storage: FloatBuffer.Storage) { self.storage = storage }

  /// The maximum number of buffers to keep. A caller that holds the last step while it requests the
  /// next one uses two.
  static let most = 2

  /// Copies a vector.
  mutating func take(of vector: FloatBuffer, in space: VectorSpace) -> FloatBuffer {
    let copy = memory(count: vector.count)
    space.copy(vector, into: copy)
    return copy
  }

  private mutating func memory(count: Int) -> FloatBuffer {
    for index in recent.indices where isKnownUniquelyReferenced(&recent[index]) {
      return recent[index]
    }
    let buffer = FloatBuffer(count: count, in: allocated < Self.most ? storage : .memory)
    allocated += 1
    if recent.count == Self.most { recent.removeFirst() }
    recent.append(buffer)
    return buffer
  }
}
