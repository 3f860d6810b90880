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
  /// Large values are placed first, and small ones fill the gaps. A buffer may be larger than the
  /// value.
  package func buffers() -> [FloatBuffer] {
    var shared: [(buffer: FloatBuffer, users: [Int])] = []
    var result = [FloatBuffer?](repeating: nil, count: lifetimes.count)
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
        result[index] = shared[free].buffer
      } else {
        let buffer = FloatBuffer(count: lifetimes[index].count)
        shared.append((buffer, [index]))
        result[index] = buffer
      }
    }
    return result.map { $0! }
  }
}
