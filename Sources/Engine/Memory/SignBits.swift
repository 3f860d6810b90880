/// A bit mask of the values of a map that receive a gradient: the positive values before a ReLU,
/// or each window's largest positive value if max pooling follows.
///
/// For a map without a loss, the backward pass reads nothing else, and the mask takes 1/32 of the
/// map's memory.
package final class SignBits: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<UInt8>
  private let bytes: Int

  /// Allocates the mask of a map.
  ///
  /// - Parameter count: the number of values. The map's channels must be a multiple of eight.
  package init(count: Int) {
    precondition(count % 8 == 0)
    bytes = count / 8
    pointer = PageMemory.allocate(bytes: bytes).bindMemory(to: UInt8.self, capacity: bytes)
  }

  deinit { PageMemory.deallocate(pointer, bytes: bytes) }
}
