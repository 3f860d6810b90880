import CKernels

/// Arithmetic on whole vectors of the same length, on all threads.
///
/// Sums are taken part by part in a fixed order, in single precision within a few
/// thousand elements and in double precision above, so that they do not depend on the
/// number of threads.
package struct VectorArithmetic {
  private let workspace: Workspace

  /// Elements that one thread works on at a time.
  private static let part = 1 << 15
  /// Elements that are summed in single precision; some blocks fit into the first-level cache.
  private static let block = 1 << 11

  package init(workspace: Workspace) {
    self.workspace = workspace
  }

  /// Runs `body` for ranges that make up `0..<count`.
  package func forRanges(of count: Int, _ body: (_ range: Range<Int>) -> Void) {
    workspace.parallelRanges(count, length: Self.part, body)
  }

  /// `Σ a[i] · b[i]`.
  package func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    sum(count) { range in
      blocks(of: range).reduce(0) {
        $0 + Double(table.dot($1.count, a + $1.lowerBound, b + $1.lowerBound))
      }
    }
  }

  /// `Σ a[i] · b[i]` for every pair of a vector of `these` and one of `others`, by the index
  /// of the first and then of the second; each vector is read once.
  package func dots(
    _ these: [UnsafePointer<Float>], _ others: [UnsafePointer<Float>], count: Int
  ) -> [[Double]] {
    let pairs = these.count * others.count
    let parts = (count + Self.part - 1) / Self.part
    var sums = [Double](repeating: 0, count: max(1, pairs * parts))
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      forRanges(of: count) { range in
        let part = sums + range.lowerBound / Self.part * pairs
        for block in blocks(of: range) {
          for (j, other) in others.enumerated() {
            for (i, this) in these.enumerated() {
              part[i * others.count + j] += Double(
                table.dot(block.count, this + block.lowerBound, other + block.lowerBound))
            }
          }
        }
      }
    }
    return these.indices.map { i in
      others.indices.map { j in
        (0..<parts).reduce(0) { $0 + sums[$1 * pairs + i * others.count + j] }
      }
    }
  }

  /// `to[i] = Σ factors[j] · vectors[j][i]`; each vector is read once.
  package func combine(
    _ vectors: [UnsafePointer<Float>], _ factors: [Float], into to: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    forRanges(of: count) { range in
      for block in blocks(of: range) {
        let target = to + block.lowerBound
        for i in block { to[i] = factors[0] * vectors[0][i] }
        for (vector, factor) in zip(vectors, factors).dropFirst() {
          table.add_scaled(block.count, target, factor, vector + block.lowerBound, target)
        }
      }
    }
  }

  /// `to[i] = a[i] + factor · b[i]`.
  package func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, times factor: Float,
    into to: UnsafeMutablePointer<Float>, count: Int
  ) {
    forRanges(of: count) { range in
      let start = range.lowerBound
      table.add_scaled(range.count, a + start, factor, b + start, to + start)
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

  /// The sum of `body` over ranges that make up `0..<count`.
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
