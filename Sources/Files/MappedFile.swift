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
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FileError.unreadable(
        path: path, reason: errno == ENOENT ? "there is no such file" : Self.systemReason)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileError.unreadable(path: path, reason: "it is a folder")
    default: throw FileError.unreadable(path: path, reason: "it is not a regular file")
    }
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw FileError.unreadable(path: path, reason: "it cannot be opened")
    }
  }

  private static var systemReason: String { String(cString: strerror(errno)) }

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
