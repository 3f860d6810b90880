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
    }
    pointer = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    account?.allocated(bytes)
  }

  deinit {
    switch storage {
    case .memory: PageMemory.deallocate(pointer, bytes: bytes)
    case .file: munmap(pointer, ScratchFile.mappedBytes(bytes))
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
    guard case .file = storage else { return }
    let page = Int(getpagesize())
    let range = range ?? 0..<count
    let start = (range.lowerBound * 4 + page - 1) / page * page
    let end = range.upperBound == count ? bytes : range.upperBound * 4 / page * page
    if end > start { madvise(UnsafeMutableRawPointer(pointer) + start, end - start, MADV_DONTNEED) }
  }

  private var bytes: Int { max(count, 1) * MemoryLayout<Float>.stride }

  package convenience init(_ elements: some Collection<Float>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).initialize(from: elements)
  }

  /// A copy of the elements.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
