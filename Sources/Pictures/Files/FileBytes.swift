import Files
import Foundation

/// Bytes of an open file, read where they are needed. Unlike a mapped file it survives that
/// another program shortens the file.
final class FileBytes {
  private let descriptor: Int32
  /// The size of the file.
  let count: Int

  /// - Throws: `UnreadableFormat` if the file cannot be opened.
  init(path: String) throws {
    descriptor = path.withSystemPath { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      if descriptor >= 0 { close(descriptor) }
      throw UnreadableFormat("it cannot be opened")
    }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Up to `length` bytes from `offset` on; fewer at the end of the file.
  func bytes(at offset: Int, count length: Int) -> [UInt8] {
    guard offset >= 0, offset < count, length > 0 else { return [] }
    let wanted = min(length, count - offset)
    return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted {
        let start = buffer.baseAddress! + filled
        let read = pread(descriptor, start, wanted - filled, off_t(offset + filled))
        guard read > 0 else { return }
        filled += read
      }
    }
  }
}

/// A reason why a file cannot be read as a picture, without a full stop.
struct UnreadableFormat: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }

  /// The file ends before the picture does.
  static let truncated = UnreadableFormat("it is damaged (it ends too early)")
}

/// Integers in the bytes of a file, with their bounds checked.
struct FileIntegers {
  let bytes: [UInt8]
  var isBigEndian = false

  /// The unsigned integer of `count` bytes at `offset`.
  ///
  /// - Throws: `UnreadableFormat` if it is beyond the end.
  func integer(at offset: Int, count: Int) throws -> Int {
    guard offset >= 0, offset <= bytes.count - count else { throw UnreadableFormat.truncated }
    let value = (0..<count).reduce(UInt64(0)) {
      $0 << 8 | UInt64(bytes[offset + (isBigEndian ? $1 : count - 1 - $1)])
    }
    guard let value = Int(exactly: value) else { throw UnreadableFormat.truncated }
    return value
  }

  func u16(_ offset: Int) throws -> Int { try integer(at: offset, count: 2) }
  func u32(_ offset: Int) throws -> Int { try integer(at: offset, count: 4) }
  func i32(_ offset: Int) throws -> Int { Int(Int32(truncatingIfNeeded: try u32(offset))) }
}
