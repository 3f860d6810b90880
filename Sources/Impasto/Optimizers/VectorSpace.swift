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

  /// `to[i] = from[i] · scale`.
  func multiply(_ from: FloatBuffer, by scale: Float, into to: FloatBuffer) {
    let (from, to) = (from.pointer, to.pointer)
    forRanges { for i in $0 { to[i] = scale * from[i] } }
  }

  /// `to[i] += from[i] · scale`.
  func add(_ from: FloatBuffer, times scale: Float, to: FloatBuffer) {
    sum(to, from, times: scale, into: to)
  }

  /// `to[i] = a[i] + b[i] · scale`.
  func sum(_ a: FloatBuffer, _ b: FloatBuffer, times scale: Float, into to: FloatBuffer) {
    let (a, b, to) = (a.pointer, b.pointer, to.pointer)
    forRanges { for i in $0 { to[i] = a[i] + scale * b[i] } }
  }

  /// Runs `body` for ranges that make up a vector, on all threads.
  func forRanges(_ body: (_ range: Range<Int>) -> Void) {
    arithmetic.forRanges(of: count, body)
  }
}
