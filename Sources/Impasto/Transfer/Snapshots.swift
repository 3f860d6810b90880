import Engine

/// The memory of the steps' pictures.
///
/// A picture stays unchanged while its step is referenced; afterwards its memory is reused.
struct Snapshots {
  private var recent: [FloatBuffer] = []

  /// The maximum number of buffers to keep. A caller that holds the last step while it requests the
  /// next one uses two.
  private static let most = 2

  /// Copies a vector.
  mutating func take(of vector: FloatBuffer, in space: VectorSpace) -> FloatBuffer {
    let copy = memory(count: vector.count)
    let (from, to) = (vector.pointer, copy.pointer)
    space.forRanges { range in
      (to + range.lowerBound).update(from: from + range.lowerBound, count: range.count)
    }
    return copy
  }

  private mutating func memory(count: Int) -> FloatBuffer {
    for index in recent.indices where isKnownUniquelyReferenced(&recent[index]) {
      return recent[index]
    }
    let buffer = FloatBuffer(count: count)
    if recent.count == Self.most { recent.removeFirst() }
    recent.append(buffer)
    return buffer
  }
}
