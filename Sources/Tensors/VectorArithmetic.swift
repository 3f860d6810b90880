/// Arithmetic on whole vectors of the same length, on all threads.
///
/// Sums are taken part by part in a fixed order, in single precision within a few
/// thousand elements and in double precision above, so that they do not depend on the
/// number of threads.
package struct VectorArithmetic {
  private typealias Lanes = SIMD16<Float>
  private let workspace: Workspace

  /// Elements that one thread works on at a time.
  private static let part = 1 << 15
  /// Elements that are summed in single precision.
  private static let block = 1 << 12

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
      Self.sum(a + range.lowerBound, b + range.lowerBound, count: range.count) { $0 * $1 }
    }
  }

  /// `Σ (a[i] - b[i])²`.
  package func squaredDistance(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Double {
    sum(count) { range in
      Self.sum(a + range.lowerBound, b + range.lowerBound, count: range.count) {
        ($0 - $1) * ($0 - $1)
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

  @inline(__always)
  private static func sum(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int,
    _ term: (Lanes, Lanes) -> Lanes
  ) -> Double {
    let (rawA, rawB) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    let whole = count / Lanes.scalarCount * Lanes.scalarCount
    var total = 0.0
    for start in stride(from: 0, to: whole, by: block) {
      var partial = Lanes(repeating: 0)
      for i in stride(from: start, to: min(whole, start + block), by: Lanes.scalarCount) {
        partial += term(
          rawA.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self),
          rawB.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self))
      }
      total += Double(partial.sum())
    }
    var rest = Lanes(repeating: 0)
    var other = rest
    for i in whole..<count { (rest[i - whole], other[i - whole]) = (a[i], b[i]) }
    return total + Double(term(rest, other).sum())
  }
}
