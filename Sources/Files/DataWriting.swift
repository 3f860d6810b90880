import Foundation

extension Data {
  /// Writes all bytes to an open file.
  ///
  /// - Returns: whether it was possible; the reason is in the system's `errno`.
  package func write(toDescriptor descriptor: Int32) -> Bool {
    withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Foundation.write(
          descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return false }
        offset += written
      }
      return true
    }
  }

  /// Writes all bytes to an open file.
  ///
  /// - Parameter failure: makes the error from the system's `errno`.
  func write(toDescriptor descriptor: Int32, _ failure: () -> FileError) throws {
    guard write(toDescriptor: descriptor) else { throw failure() }
  }
}

/// The reason why the last system call of this thread failed.
func systemReason() -> String { String(cString: strerror(errno)) }
