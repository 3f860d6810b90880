import Foundation

/// A buffer of floats, initially uninitialized, that is allocated once and reused in every
/// iteration.
///
/// It is a class because buffers are shared where a `Tensor` would be copied. Its users must
/// prevent data races, and must keep the buffer alive while they use its pointer. ARC may release
/// a local buffer after its last mention; use `withExtendedLifetime` there.
package final class FloatBuffer: @unchecked Sendable {
  /// The place of a buffer's elements.
  package enum Storage: Sendable {
    case memory
    /// A file, whose pages come into memory when they are used.
    case file(ScratchFile)
    /// The read-only memory of another object, which is kept as long as the buffer.
    case view(of: any Sendable)
  }

  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  /// Records the buffers that this task allocates, if set.
  @TaskLocal package static var account: MemoryAccount?
  private let account: MemoryAccount?
  private let storage: Storage

  package init(count: Int, in storage: Storage = .memory) {
    self.count = count
    self.storage = storage
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let memory: UnsafeMutableRawPointer
    switch storage {
    case .memory:
      account = Self.account
      memory = PageMemory.allocate(bytes: bytes)
    case .file(let file):
      account = nil
      memory = file.map(bytes)
    case .view: preconditionFailure("A view does not allocate memory.")
    }
    pointer = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    account?.allocated(bytes)
  }

  /// Makes a buffer of memory in a file that is mapped.
  ///
  /// - Parameter owner: the object that keeps the memory.
  package init(viewing elements: UnsafePointer<Float>, count: Int, of owner: any Sendable) {
    self.count = count
    pointer = UnsafeMutablePointer(mutating: elements)
    storage = .view(of: owner)
    account = nil
  }

  deinit {
    switch storage {
    case .memory: PageMemory.deallocate(pointer, bytes: bytes)
    case .file: munmap(pointer, ScratchFile.mappedBytes(bytes))
    case .view: break
    }
    account?.freed(bytes)
  }

  /// Whether the elements are in a file.
  package var isInFile: Bool { if case .file = storage { true } else { false } }

  /// Removes the elements of a file from memory until they are used again. Does nothing for a buffer
  /// in memory.
  ///
  /// - Parameter range: the elements; nil for all. Pages that extend beyond it stay.
  package func release(_ range: Range<Int>? = nil) {
    if case .memory = storage { return }
    let range = range ?? 0..<count
    let page = Int(getpagesize())
    let start = UnsafeMutableRawPointer(pointer + range.lowerBound).alignedUp(toMultipleOf: page)
    let end = UnsafeMutableRawPointer(pointer + range.upperBound).alignedDown(toMultipleOf: page)
    if end > start { madvise(start, end - start, MADV_DONTNEED) }
  }

  private var bytes: Int { max(count, 1) * MemoryLayout<Float>.stride }

  package convenience init(_ elements: some Collection<Float>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).initialize(from: elements)
  }

  /// The elements, in the buffer's memory.
  package var all: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: pointer, count: count) }

  /// A copy of the elements.
  package var elements: [Float] { Array(all) }
}
