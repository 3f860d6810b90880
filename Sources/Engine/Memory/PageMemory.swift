import Foundation

/// An allocator that maps large blocks directly, to return them to the system as soon as they
/// are freed. `malloc` may keep them.
enum PageMemory {
  /// The least number of bytes that are mapped. Smaller blocks come from `malloc`.
  private static let smallest = 1 << 18
  private static let hugePage = 1 << 21

  static func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    guard bytes >= smallest else { return .allocate(byteCount: bytes, alignment: 64) }
    guard bytes >= hugePage else { return map(bytes) }
    // The kernels traverse maps of many megabytes with large strides. With pages of 4 KB, TLB
    // misses would dominate.
    let whole = map(bytes + hugePage)
    let start = whole.alignedUp(toMultipleOf: hugePage)
    let end = start + roundedUp(bytes)
    unmap(whole, bytes: start - whole)
    unmap(end, bytes: whole + roundedUp(bytes + hugePage) - end)
    #if os(Linux)
    madvise(start, bytes, Int32(MADV_HUGEPAGE))
    #endif
    return start
  }

  static func deallocate(_ memory: UnsafeMutableRawPointer, bytes: Int) {
    if bytes >= smallest { unmap(memory, bytes: roundedUp(bytes)) } else { memory.deallocate() }
  }

  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let memory = mmap(nil, roundedUp(bytes), PROT_READ | PROT_WRITE, flags, -1, 0),
      memory != UnsafeMutableRawPointer(bitPattern: -1)
    else { MemoryExhaustion.end(bytes: bytes) }
    return memory
  }

  private static func unmap(_ memory: UnsafeMutableRawPointer, bytes: Int) {
    if bytes > 0 { munmap(memory, bytes) }
  }

  private static func roundedUp(_ bytes: Int) -> Int {
    let page = Int(getpagesize())
    return (bytes + page - 1) / page * page
  }
}
