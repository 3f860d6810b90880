import Foundation

/// A lock on a folder, which keeps other processes from working in it.
///
/// The lock ends with its process, whatever ends that.
package final class FolderLock: Sendable {
  /// The name of the lock's file.
  package static let name = ".lock"

  private let path: String
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Throws: `FileError.folder` if another process holds it, or if it cannot be taken.
  package init(_ folder: String) throws {
    path = "\(folder)/\(Self.name)"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw Self.failure(folder) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        defer { close(descriptor) }
        throw Self.failure(folder)
      }
      // The last owner may have removed the file since it was opened here.
      if FileIdentity(descriptor: descriptor) == FileIdentity(path) {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  /// Whether a process works in a folder.
  package static func isHeld(_ folder: String) -> Bool {
    let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  deinit {
    if FileIdentity(descriptor: descriptor) == FileIdentity(path) { unlink(path) }
    close(descriptor)
  }

  private static func failure(_ folder: String) -> FileError {
    .folder(
      path: folder,
      reason: errno == EWOULDBLOCK
        ? "another process is working in it; wait for its end, or choose another folder"
        : "cannot lock it: \(systemReason())")
  }
}
