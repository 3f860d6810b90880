/// Arithmetic on whole vectors of the same length.
///
/// Sums are taken block by block in a fixed order, in single precision within a
/// block and in double precision over blocks.
package enum VectorArithmetic {
  private typealias Lanes = SIMD16<Float>
  private static let block = 4096

  /// `Σ a[i] · b[i]`.
  package static func dot(_ a: [Float], _ b: [Float]) -> Double {
    sum(a, b) {
      $0 * $1
    } lanes: {
      $0 * $1
    }
  }

  /// `Σ (a[i] - b[i])²`.
  package static func squaredDistance(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Double {
    sum(a, b, count: count) {
      ($0 - $1) * ($0 - $1)
    } lanes: {
      ($0 - $1) * ($0 - $1)
    }
  }

  /// `to[i] += scale · from[i]`.
  package static func add(_ from: [Float], times scale: Float, to: inout [Float]) {
    precondition(from.count == to.count)
    let count = to.count
    from.withUnsafeBufferPointer { from in
      to.withUnsafeMutableBufferPointer { to in
        let (from, to) = (from.baseAddress!, to.baseAddress!)
        for i in 0..<count { to[i] += scale * from[i] }
      }
    }
  }

  /// `to[i] = a[i] + scale · b[i]`.
  package static func sum(_ a: [Float], _ b: [Float], times scale: Float, into to: inout [Float]) {
    precondition(a.count == b.count && a.count == to.count)
    let count = to.count
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        to.withUnsafeMutableBufferPointer { to in
          let (a, b, to) = (a.baseAddress!, b.baseAddress!, to.baseAddress!)
          for i in 0..<count { to[i] = a[i] + scale * b[i] }
        }
      }
    }
  }

  /// `to[i] *= scale`.
  package static func scale(_ to: inout [Float], by scale: Float) {
    to.withUnsafeMutableBufferPointer { to in
      for i in to.indices { to[i] *= scale }
    }
  }

  @inline(__always)
  private static func sum(
    _ a: [Float], _ b: [Float], _ term: (Float, Float) -> Float, lanes: (Lanes, Lanes) -> Lanes
  ) -> Double {
    precondition(a.count == b.count)
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        a.isEmpty ? 0 : sum(a.baseAddress!, b.baseAddress!, count: a.count, term, lanes: lanes)
      }
    }
  }

  @inline(__always)
  private static func sum(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int,
    _ term: (Float, Float) -> Float,
    lanes: (Lanes, Lanes) -> Lanes
  ) -> Double {
    let (rawA, rawB) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    let whole = count / Lanes.scalarCount * Lanes.scalarCount
    var total = 0.0
    for start in stride(from: 0, to: whole, by: block) {
      var partial = Lanes(repeating: 0)
      for i in stride(from: start, to: min(whole, start + block), by: Lanes.scalarCount) {
        partial += lanes(
          rawA.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self),
          rawB.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self))
      }
      total += Double(partial.sum())
    }
    for i in whole..<count { total += Double(term(a[i], b[i])) }
    return total
  }
}
