import Foundation

/// A temporary file without a name: it is gone as soon as nothing has it open, even if the process
/// is killed.
package final class UnlinkedFile: Sendable {
  /// The file, open for reading and writing until the object is released.
  package let descriptor: Int32
  /// The folder that it takes its space from.
  let folder: String

  /// Creates an empty file.
  ///
  /// - Throws: `FileError.unwritable` with the temporary folder's path and the system's reason.
  package init() throws {
    folder = FileManager.default.temporaryDirectory.path
    var name = Array("\(folder)/impasto-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else {
      throw FileError.unwritable(path: folder, reason: systemReason())
    }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// A path under which this process can open the file.
  package var path: String { "/dev/fd/\(descriptor)" }
}
