/// A buffer of floats, initially uninitialized, that is allocated once and reused in every
/// iteration.
///
/// It is a class because buffers are shared where a `Tensor` would be copied. Its users must
/// prevent data races, and must keep the buffer alive while they use its pointer. ARC may release
/// a local buffer after its last mention; use `withExtendedLifetime` there.
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  /// Records the buffers that this task allocates, if set.
  @TaskLocal package static var account: MemoryAccount?
  private let account: MemoryAccount?

  package init(count: Int) {
    self.count = count
    account = Self.account
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    pointer = PageMemory.allocate(bytes: bytes).bindMemory(
      to: Float.self, capacity: max(count, 1))
    account?.allocated(bytes)
  }

  deinit {
    PageMemory.deallocate(pointer, bytes: bytes)
    account?.freed(bytes)
  }

  private var bytes: Int { max(count, 1) * MemoryLayout<Float>.stride }

  package convenience init(_ elements: some Collection<Float>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).initialize(from: elements)
  }

  /// A copy of the elements.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
