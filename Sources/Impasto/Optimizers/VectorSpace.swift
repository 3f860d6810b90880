import Engine

/// The vectors of an optimization, all of one length, with their memory.
///
/// Returned vectors are reused, so that steps allocate nothing. With an archive, vectors that an optimizer
/// only remembers are in a file, and come into memory part by part when they are read.
package final class VectorSpace {
  /// The vectors' length.
  package let count: Int
  /// The number of allocated vectors, in use or free.
  package private(set) var allocated = 0
  private let workspace: Workspace
  private let arithmetic: VectorArithmetic
  private let archive: ScratchFile?
  private var free: [FloatBuffer] = []
  private var freeInArchive: [FloatBuffer] = []

  /// - Parameter archive: the file for vectors that are only remembered; nil to keep all in memory.
  package init(count: Int, workspace: Workspace, archive: ScratchFile? = nil) {
    self.count = count
    self.workspace = workspace
    self.archive = archive
    arithmetic = VectorArithmetic(workspace: workspace)
  }

  /// Takes a vector with undefined content.
  package func take() -> FloatBuffer {
    if let vector = free.popLast() { return vector }
    allocated += 1
    return FloatBuffer(count: count)
  }

  /// Takes a vector with undefined content that is only remembered: in the archive, if there is one.
  func takeArchived() -> FloatBuffer {
    guard let archive else { return take() }
    return freeInArchive.popLast() ?? FloatBuffer(count: count, in: .file(archive))
  }

  /// Moves a vector to the archive, if there is one.
  ///
  /// - Returns: the moved vector, which replaces the given one.
  func archived(_ vector: FloatBuffer) -> FloatBuffer {
    guard archive != nil, !vector.isInFile else { return vector }
    let moved = takeArchived()
    copy(vector, into: moved)
    giveBack(vector)
    return moved
  }

  /// Moves a vector from the archive to memory.
  ///
  /// - Returns: the moved vector, which replaces the given one.
  func unarchived(_ vector: FloatBuffer) -> FloatBuffer {
    guard vector.isInFile else { return vector }
    let moved = take()
    copy(vector, into: moved)
    giveBack(vector)
    return moved
  }

  /// Returns a vector that is no longer read.
  package func giveBack(_ vector: FloatBuffer) {
    if vector.isInFile { freeInArchive.append(vector) } else { free.append(vector) }
  }

  /// Allocates vectors in memory until at least this many exist.
  ///
  /// - Parameter archived: more vectors, which are needed in memory only without an archive.
  func reserve(_ vectors: Int, archived: Int = 0) {
    let count = vectors + (archive == nil ? archived : 0)
    while allocated < count {
      allocated += 1
      free.append(FloatBuffer(count: self.count))
    }
  }

  /// Computes `Σ a[i] · b[i]`.
  package func dot(_ a: FloatBuffer, _ b: FloatBuffer) -> Double {
    arithmetic.dot(a.pointer, b.pointer, count: count) { release([a, b], $0) }
  }

  /// Computes `to[i] = a[i]`.
  func copy(_ a: FloatBuffer, into to: FloatBuffer) {
    forRanges { range in
      (to.pointer + range.lowerBound).update(
        from: a.pointer + range.lowerBound, count: range.count)
      release([a, to], range)
    }
  }

  /// Computes `to[i] = a[i] · scale`.
  func scale(_ a: FloatBuffer, by scale: Float, into to: FloatBuffer) {
    let (from, target) = (a.pointer, to.pointer)
    forRanges { range in
      for i in range { target[i] = from[i] * scale }
      release([a, to], range)
    }
  }

  /// Computes `to[i] = a[i] · b[i]`.
  func multiply(_ a: FloatBuffer, _ b: FloatBuffer, into to: FloatBuffer) {
    let (from, factor, target) = (a.pointer, b.pointer, to.pointer)
    forRanges { range in
      for i in range { target[i] = from[i] * factor[i] }
      release([a, b, to], range)
    }
  }

  /// Computes `to[i] = a[i] + b[i] · scale`.
  func sum(_ a: FloatBuffer, _ b: FloatBuffer, times scale: Float, into to: FloatBuffer) {
    arithmetic.add(a.pointer, b.pointer, times: scale, into: to.pointer, count: count) {
      release([a, b, to], $0)
    }
  }

  /// Removes a range of the vectors that are in the archive from memory.
  private func release(_ vectors: [FloatBuffer], _ range: Range<Int>) {
    guard archive != nil else { return }
    for vector in vectors { vector.release(range) }
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
