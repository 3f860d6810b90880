/// Memory for values that are needed at different times: values that are never needed
/// at the same time share a buffer.
package struct BufferPlan {
  /// A value with the first and last moment at which its memory is in use.
  package struct Lifetime {
    let count: Int
    let moments: ClosedRange<Int>
  }

  private var lifetimes: [Lifetime] = []

  /// Plans for one more value.
  ///
  /// - Returns: its number.
  package init() {}

  package mutating func add(count: Int, moments: ClosedRange<Int>) -> Int {
    lifetimes.append(Lifetime(count: count, moments: moments))
    return lifetimes.count - 1
  }

  /// Allocates the buffers: for each value, by its number, one of at least its count. Large
  /// values choose first, so that small ones fill their gaps.
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
