import Foundation

/// Writes files so that readers see a whole file or none.
package enum AtomicFile {
  /// Writes a temporary file beside `path` and renames it.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package static func write(_ data: Data, to path: String) throws {
    try write(to: path) { write in try write(data) }
  }

  /// Writes a file in parts.
  ///
  /// - Parameter body: writes the parts in order.
  /// - Throws: `FileError.unwritable` and the errors of `body`.
  package static func write(
    to path: String, _ body: (_ write: (Data) throws -> Void) throws -> Void
  ) throws {
    let (descriptor, name) = try temporary(beside: path)
    defer { close(descriptor) }
    do {
      try body { try $0.write(toDescriptor: descriptor) { failure(path) } }
      // mkstemp gives its files to their owner alone; other programs follow the mask.
      let mask = umask(0)
      umask(mask)
      guard fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0 else {
        throw failure(path)
      }
      guard rename(name, path) == 0 else { throw failure(path) }
    } catch {
      unlink(name)
      throw error
    }
  }

  /// Checks whether a file can be written, by creating a temporary file beside it.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package static func checkWritable(_ path: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw FileError.unwritable(path: path, reason: "it is a folder")
    }
    let (descriptor, name) = try temporary(beside: path)
    close(descriptor)
    unlink(name)
  }

  private static func temporary(beside path: String) throws -> (descriptor: Int32, name: [CChar]) {
    var name = Array(path.utf8CString.dropLast()) + Array(".XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw failure(path) }
    return (descriptor, name)
  }

  private static func failure(_ path: String) -> FileError {
    .unwritable(path: path, reason: systemReason())
  }
}
