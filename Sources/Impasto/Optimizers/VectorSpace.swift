import Engine

/// The vectors of an optimization, all of one length, with their memory.
///
/// Returned vectors are reused, so that steps allocate nothing.
package final class VectorSpace {
  /// The vectors' length.
  package let count: Int
  /// The number of allocated vectors, in use or free.
  package private(set) var allocated = 0
  private let workspace: Workspace
  private let arithmetic: VectorArithmetic
  private var free: [FloatBuffer] = []

  package init(count: Int, workspace: Workspace) {
    self.count = count
    self.workspace = workspace
    arithmetic = VectorArithmetic(workspace: workspace)
  }

  /// Takes a vector with undefined content.
  package func take() -> FloatBuffer {
    if let vector = free.popLast() { return vector }
    allocated += 1
    return FloatBuffer(count: count)
  }

  /// Returns a vector that is no longer read.
  package func giveBack(_ vector: FloatBuffer) { free.append(vector) }

  /// Allocates vectors until at least this many exist.
  func reserve(_ vectors: Int) {
    while allocated < vectors {
      allocated += 1
      free.append(FloatBuffer(count: count))
    }
  }

  /// Computes `Σ a[i] · b[i]`.
  package func dot(_ a: FloatBuffer, _ b: FloatBuffer) -> Double {
    arithmetic.dot(a.pointer, b.pointer, count: count)
  }

  /// Computes `to[i] = a[i] · scale`.
  func scale(_ a: FloatBuffer, by scale: Float, into to: FloatBuffer) {
    let (a, to) = (a.pointer, to.pointer)
    forRanges { for i in $0 { to[i] = a[i] * scale } }
  }

  /// Computes `to[i] = a[i] · b[i]`.
  func multiply(_ a: FloatBuffer, _ b: FloatBuffer, into to: FloatBuffer) {
    let (a, b, to) = (a.pointer, b.pointer, to.pointer)
    forRanges { for i in $0 { to[i] = a[i] * b[i] } }
  }

  /// Computes `to[i] = a[i] + b[i] · scale`.
  func sum(_ a: FloatBuffer, _ b: FloatBuffer, times scale: Float, into to: FloatBuffer) {
    arithmetic.add(a.pointer, b.pointer, times: scale, into: to.pointer, count: count)
  }

  /// Runs `body` for ranges that together cover a vector, on all threads.
  package func forRanges(_ body: (_ range: Range<Int>) -> Void) {
    arithmetic.forRanges(of: count, body)
  }

  /// Runs `body` for every number below `parts`, on all threads.
  func forParts(_ parts: Int, _ body: (_ part: Int) -> Void) {
    workspace.parallel(parts, body)
  }
}
