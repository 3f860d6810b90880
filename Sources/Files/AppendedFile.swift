import Foundation

/// A file that grows entry by entry while a process runs.
///
/// What was appended is in the file even if the process is killed.
package final class AppendedFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Opens a file, or creates it.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit { close(descriptor) }

  /// Appends an entry as a whole, or not at all.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package func append(_ data: Data) throws {
    let end = lseek(descriptor, 0, SEEK_END)
    do {
      try data.write(toDescriptor: descriptor) { Self.failure(path) }
    } catch {
      if end >= 0 { ftruncate(descriptor, end) }
      throw error
    }
  }

  private static func failure(_ path: String) -> FileError {
    .unwritable(path: path, reason: systemReason())
  }
}
