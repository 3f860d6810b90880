import Foundation

/// A regular file mapped into memory. Only the pages that are accessed are read.
package struct MappedFile: Sendable {
  package let path: String
  package let data: Data

  /// Maps a file.
  ///
  /// - Throws: `FileError.unreadable` if there is no file, or it is not a regular file. A pipe or
  ///   a device might never end.
  package init(path: String) throws {
    let descriptor = try InputFile.open(path)
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps an open file, which may be closed afterwards.
  ///
  /// - Parameter path: the path for messages.
  /// - Throws: `FileError.unreadable` with the system's reason.
  package init(descriptor: Int32, path: String) throws {
    self.path = path
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path) }
    let count = Int(status.st_size)
    guard count > 0 else {
      data = Data()
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw Self.unreadable(path) }
    data = Data(
      bytesNoCopy: start, count: count, deallocator: .custom { munmap($0, $1) })
  }

  private static func unreadable(_ path: String) -> FileError {
    .unreadable(path: path, reason: systemReason())
  }

  /// The size in bytes.
  package var count: Int { data.count }

  /// Whether the file contains `bytes` at `offset`.
  package func hasPrefix(_ bytes: some Collection<UInt8>, at offset: Int = 0) -> Bool {
    data.count >= offset + bytes.count && data[offset..<offset + bytes.count].elementsEqual(bytes)
  }

  /// Releases the memory of a range of bytes. They are read again when they are next accessed.
  package func release(_ range: Range<Int>) {
    data.withUnsafeBytes { bytes in
      guard !range.isEmpty, let start = bytes.baseAddress else { return }
      let page = Int(getpagesize())
      let first = (start + range.lowerBound).alignedUp(toMultipleOf: page)
      let end = (start + range.upperBound).alignedDown(toMultipleOf: page)
      if end > first {
        madvise(UnsafeMutableRawPointer(mutating: first), end - first, MADV_DONTNEED)
      }
    }
  }
}
