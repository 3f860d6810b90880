/// A buffer allocator for values with known lifetimes. Values whose lifetimes do not overlap share
/// a buffer.
package struct BufferPlan {
  /// The size of a value, and the first and last moment at which its memory is in use.
  package struct Lifetime {
    let count: Int
    let moments: ClosedRange<Int>
  }

  private var lifetimes: [Lifetime] = []

  package init() {}

  /// Adds a value to the plan.
  ///
  /// - Returns: the index of the value's buffer in `buffers()`.
  package mutating func add(count: Int, moments: ClosedRange<Int>) -> Int {
    lifetimes.append(Lifetime(count: count, moments: moments))
    return lifetimes.count - 1
  }

  /// Allocates the buffers and returns one for each value.
  ///
  /// A buffer may be larger than the value.
  package func buffers() -> [FloatBuffer] {
    let (counts, indices) = assignment
    let buffers = counts.map { FloatBuffer(count: $0) }
    return indices.map { buffers[$0] }
  }

  /// The number of elements of all buffers.
  package var count: Int { assignment.counts.reduce(0, +) }

  /// The size of each buffer, and the index of each value's buffer.
  ///
  /// Large values are placed first, and small ones fill the gaps.
  private var assignment: (counts: [Int], indices: [Int]) {
    var shared: [(count: Int, users: [Int])] = []
    var result = [Int](repeating: 0, count: lifetimes.count)
    let order = lifetimes.indices.sorted {
      (lifetimes[$1].count, $0) < (lifetimes[$0].count, $1)
    }
    for index in order {
      let free = shared.firstIndex { candidate in
        candidate.users.allSatisfy {
          !lifetimes[$0].moments.overlaps(lifetimes[index].moments)
        }
      }
      if let free {
        shared[free].users.append(index)
        result[index] = free
      } else {
        shared.append((lifetimes[index].count, [index]))
        result[index] = shared.count - 1
      }
    }
    return (shared.map(\.count), result)
  }
}
