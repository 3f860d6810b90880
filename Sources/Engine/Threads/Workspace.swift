import Synchronization

/// The processor's side of a computation: the kernels, the threads, and scratch
/// memory for each of them that is kept from call to call.
///
/// One computation at a time may use a workspace.
package final class Workspace {
  package let kernels: Kernels
  package var threads: Int { team.count }
  private let team: ThreadTeam
  private var scratch: [FloatBuffer]
  private var sharedScratch: [SharedMemory: FloatBuffer] = [:]

  /// What a computation needs shared memory for. Those of different kinds do not overlap.
  enum SharedMemory {
    case products, enlargedMaps
  }

  /// - Parameter threads: at least 1; nil for all processors that may be used.
  package init(kernels: Kernels, threads: Int? = nil) {
    let threads = threads ?? ProcessorCount.available
    self.kernels = kernels
    team = ThreadTeam(count: threads)
    scratch = (0..<threads).map { _ in FloatBuffer(count: 0) }
  }

  /// Runs `body` for every index below `count`, on all threads.
  ///
  /// Which thread takes an index is left to chance; so that results never
  /// depend on it, a body writes only what belongs to its index.
  package func parallel(_ count: Int, _ body: (_ index: Int) -> Void) {
    parallel(count, scratch: 0) { index, _ in body(index) }
  }

  /// The same with uninitialised scratch memory of at least `scratchCount`
  /// floats, which the body has for itself.
  package func parallel(
    _ count: Int, scratch scratchCount: Int,
    _ body: (_ index: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    let workers = min(threads, count)
    for worker in 0..<workers where scratch[worker].count < scratchCount {
      scratch[worker] = FloatBuffer(count: scratchCount)
    }
    let buffers = scratch
    if workers <= 1 {
      for index in 0..<count { body(index, buffers[0].pointer) }
      return
    }
    let next = Atomic<Int>(0)
    team.run { member in
      while member < workers {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= count { break }
        body(index, buffers[member].pointer)
      }
    }
  }

  /// Uninitialized memory of at least `count` floats for all threads, valid until the next call
  /// for the same purpose.
  func shared(_ count: Int, for purpose: SharedMemory = .products) -> UnsafeMutablePointer<Float> {
    if let memory = sharedScratch[purpose], memory.count >= count { return memory.pointer }
    let memory = FloatBuffer(count: count)
    sharedScratch[purpose] = memory
    return memory.pointer
  }

  /// Cuts `0..<count` into ranges of `length`, and runs `body` for each.
  package func parallelRanges(_ count: Int, length: Int, _ body: (_ range: Range<Int>) -> Void) {
    parallel((count + length - 1) / length) { index in
      body(index * length..<min(count, (index + 1) * length))
    }
  }
}
