/// Uninitialised floats of the engine's hot path, allocated once and used again
/// in every iteration.
///
/// It is a reference on purpose: where a `Tensor` would copy, a buffer is shared.
/// Whoever holds it makes sure that no two threads touch the same elements, and that it
/// lives as long as its pointer is used: a local buffer may end with its last mention, so
/// that it needs `withExtendedLifetime`.
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  /// Keeps account of the buffers that this task allocates, if it is set.
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

  /// The elements, copied.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
