import Synchronization

/// The kernels, the threads, and scratch memory that is reused from call to call.
///
/// Only one computation at a time may use a workspace.
package final class Workspace {
  package let kernels: Kernels
  package var threads: Int { team.count }
  private let team: ThreadTeam
  private var scratch: [FloatBuffer]
  private var sharedScratch: [SharedMemory: FloatBuffer] = [:]

  /// A use of shared memory. Different uses get separate memory.
  enum SharedMemory {
    case products, enlargedMaps
  }

  /// Starts the threads, or as many of them as the system allows.
  ///
  /// - Parameter threads: at least 1; nil for all processors available to this process.
  package init(kernels: Kernels, threads: Int? = nil) {
    self.kernels = kernels
    team = ThreadTeam(count: threads ?? ProcessorCount.available)
    scratch = (0..<team.count).map { _ in FloatBuffer(count: 0) }
  }

  /// Runs `body` for every index below `count`, on all threads.
  ///
  /// The assignment of indices to threads varies from run to run. For reproducible results, a
  /// body must write only memory that belongs to its index.
  package func parallel(_ count: Int, _ body: (_ index: Int) -> Void) {
    parallel(count, scratch: 0) { index, _ in body(index) }
  }

  /// Runs `body` for every index below `count`, on all threads, each with scratch memory of its
  /// own.
  ///
  /// - Parameter scratchCount: the least number of floats, uninitialized.
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

  /// Splits `0..<count` into ranges of `length` and runs `body` for each, on all threads.
  package func parallelRanges(_ count: Int, length: Int, _ body: (_ range: Range<Int>) -> Void) {
    parallel((count + length - 1) / length) { index in
      body(index * length..<min(count, (index + 1) * length))
    }
  }
}
