import Synchronization

/// Uninitialised floats of the engine's hot path, allocated once and used again
/// in every iteration.
///
/// It is a reference on purpose: where a `Tensor` would copy, a buffer is shared.
/// Whoever holds it makes sure that no two threads touch the same elements.
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  /// How many buffers the process has allocated so far.
  package static var allocations: Int { allocated.load(ordering: .relaxed) }

  private static let allocated = Atomic<Int>(0)

  package init(count: Int) {
    self.count = count
    pointer = PageMemory.allocate(bytes: max(count, 1) * MemoryLayout<Float>.stride)
      .bindMemory(to: Float.self, capacity: max(count, 1))
    Self.allocated.add(1, ordering: .relaxed)
  }

  deinit { PageMemory.deallocate(pointer, bytes: max(count, 1) * MemoryLayout<Float>.stride) }

  package convenience init(_ elements: some Collection<Float>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).initialize(from: elements)
  }

  /// The elements, copied.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
