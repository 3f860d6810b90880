import CKernels

/// Arithmetic on whole vectors of the same length, on all threads.
///
/// Sums are computed in single precision within blocks of a few thousand elements, and in double
/// precision across blocks. The order is fixed, so results do not depend on the number of
/// threads.
package struct VectorArithmetic {
  private let workspace: Workspace

  /// The number of elements that a thread processes at a time.
  private static let part = 1 << 15
  /// The number of elements summed in single precision. Several blocks fit into the L1 cache.
  private static let block = 1 << 11

  package init(workspace: Workspace) {
    self.workspace = workspace
  }

  /// Splits `0..<count` into ranges and runs `body` for each, on all threads.
  package func forRanges(of count: Int, _ body: (_ range: Range<Int>) -> Void) {
    workspace.parallelRanges(count, length: Self.part, body)
  }

  /// `Σ a[i] · b[i]`.
  ///
  /// - Parameter finished: receives each range whose elements were read.
  package func dot(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int,
    finished: (_ range: Range<Int>) -> Void = { _ in }
  ) -> Double {
    sum(count) { range in
      defer { finished(range) }
      return blocks(of: range).reduce(0) {
        $0 + Double(table.dot($1.count, a + $1.lowerBound, b + $1.lowerBound))
      }
    }
  }

  /// `to[i] = a[i] + factor · b[i]`.
  ///
  /// - Parameter finished: receives each range whose elements were written.
  package func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, times factor: Float,
    into to: UnsafeMutablePointer<Float>, count: Int,
    finished: (_ range: Range<Int>) -> Void = { _ in }
  ) {
    forRanges(of: count) { range in
      let start = range.lowerBound
      table.add_scaled(range.count, a + start, factor, b + start, to + start)
      finished(range)
    }
  }

  /// `Σ (a[i] - b[i])²`.
  package func squaredDistance(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Double {
    sum(count) { range in
      blocks(of: range).reduce(0) {
        $0 + Double(table.squared_distance($1.count, a + $1.lowerBound, b + $1.lowerBound))
      }
    }
  }

  /// `Σ (a[p, c] - b[p, c])²` for maps with channels c, over the positions p of a part.
  package func squaredDistance(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, channels: Int, part: MapPart,
    of positions: Int
  ) -> Double {
    runs(part, positions) { run in
      let (start, count) = (run.lowerBound * channels, run.count * channels)
      return blocks(of: start..<start + count).reduce(0) {
        $0 + Double(table.squared_distance($1.count, a + $1.lowerBound, b + $1.lowerBound))
      }
    }
  }

  /// `Σ a[p, c]²` for a map with channels c, over the positions p of a part.
  package func squaredNorm(
    _ a: UnsafePointer<Float>, channels: Int, part: MapPart, of positions: Int
  ) -> Double {
    runs(part, positions) { run in
      let (start, count) = (run.lowerBound * channels, run.count * channels)
      return blocks(of: start..<start + count).reduce(0) {
        $0 + Double(table.dot($1.count, a + $1.lowerBound, a + $1.lowerBound))
      }
    }
  }

  private func runs(_ part: MapPart, _ positions: Int, _ value: (_ run: Range<Int>) -> Double)
    -> Double
  {
    // A part of a few thousand positions is one thread's work.
    sum(positions) { range in
      var total = 0.0
      part.forEachRun(in: range) { total += value($0) }
      return total
    }
  }

  /// `Σ T[p]² Σ (a[p, c] - b[p, c])²` for maps with positions p and channels c.
  package func squaredDistance(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, channels: Int, guide: GuidanceChannel
  ) -> Double {
    guided(guide) {
      Double(table.squared_distance(channels, a + $0 * channels, b + $0 * channels))
    }
  }

  /// `Σ T[p]² Σ a[p, c]²` for a map with positions p and channels c.
  package func squaredNorm(
    _ a: UnsafePointer<Float>, channels: Int, guide: GuidanceChannel
  ) -> Double {
    guided(guide) { Double(table.dot(channels, a + $0 * channels, a + $0 * channels)) }
  }

  private func guided(_ guide: GuidanceChannel, _ value: (_ position: Int) -> Double) -> Double {
    sum(guide.values.count) { positions in
      positions.reduce(0) { sum, position in
        let weight = Double(guide.values.pointer[position])
        return sum + weight * weight * value(position)
      }
    }
  }

  /// The sum of `body` over ranges that partition `0..<count`.
  package func sum(_ count: Int, _ body: (_ range: Range<Int>) -> Double) -> Double {
    let parts = (count + Self.part - 1) / Self.part
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, parts)) { sums in
      let sums = sums.baseAddress!
      forRanges(of: count) { sums[$0.lowerBound / Self.part] = body($0) }
      return (0..<parts).reduce(0) { $0 + sums[$1] }
    }
  }

  private var table: ck_kernels { workspace.kernels.table.pointee }

  private func blocks(of range: Range<Int>) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: Self.block).map {
      $0..<min($0 + Self.block, range.upperBound)
    }
  }
}
