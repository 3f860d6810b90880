/// One bit for each value of a map: whether a gradient reaches it. For a ReLU those
/// are the positive values, for maximum pooling after it each window's largest.
///
/// It is what backward needs of a map without a loss, in a thirty-second of the memory.
package final class SignBits: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<UInt8>
  private let bytes: Int

  /// - Parameter count: the values of the map, whose channels are a multiple of eight.
  package init(count: Int) {
    precondition(count % 8 == 0)
    bytes = count / 8
    pointer = PageMemory.allocate(bytes: bytes).bindMemory(to: UInt8.self, capacity: bytes)
  }

  deinit { PageMemory.deallocate(pointer, bytes: bytes) }
}
