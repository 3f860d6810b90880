import Tensors

/// The vectors of an optimisation, all of one length, with their memory: a vector that
/// is given back is handed out again, so that steps allocate nothing.
package final class VectorSpace {
  /// The vectors' length.
  package let count: Int
  /// Vectors that exist, whether in use or not.
  package private(set) var allocated = 0
  private let arithmetic: VectorArithmetic
  private var free: [FloatBuffer] = []

  package init(count: Int, workspace: Workspace) {
    self.count = count
    arithmetic = VectorArithmetic(workspace: workspace)
  }

  /// A vector of any content.
  package func take() -> FloatBuffer {
    if let vector = free.popLast() { return vector }
    allocated += 1
    return FloatBuffer(count: count)
  }

  /// Takes back a vector that nobody will read again.
  package func giveBack(_ vector: FloatBuffer) { free.append(vector) }

  /// Makes sure that this many vectors exist.
  func reserve(_ vectors: Int) {
    while allocated < vectors {
      allocated += 1
      free.append(FloatBuffer(count: count))
    }
  }

  /// `Σ a[i] · b[i]`.
  func dot(_ a: FloatBuffer, _ b: FloatBuffer) -> Double {
    arithmetic.dot(a.pointer, b.pointer, count: count)
  }

  /// The products of every pair of a vector of `these` and one of `others`, by the index of
  /// the first and then of the second.
  func dots(_ these: [FloatBuffer], _ others: [FloatBuffer]) -> [[Double]] {
    arithmetic.dots(
      these.map { UnsafePointer($0.pointer) }, others.map { UnsafePointer($0.pointer) },
      count: count)
  }

  /// `to[i] = Σ factors[j] · vectors[j][i]`.
  func combine(_ vectors: [FloatBuffer], _ factors: [Float], into to: FloatBuffer) {
    arithmetic.combine(
      vectors.map { UnsafePointer($0.pointer) }, factors, into: to.pointer, count: count)
  }

  /// `to[i] = a[i] + b[i] · scale`.
  func sum(_ a: FloatBuffer, _ b: FloatBuffer, times scale: Float, into to: FloatBuffer) {
    arithmetic.add(a.pointer, b.pointer, times: scale, into: to.pointer, count: count)
  }

  /// Runs `body` for ranges that make up a vector, on all threads.
  func forRanges(_ body: (_ range: Range<Int>) -> Void) {
    arithmetic.forRanges(of: count, body)
  }
}
