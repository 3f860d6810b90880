import Foundation

/// Writes files so that readers see a whole file or none.
package enum AtomicFile {
  /// Writes a temporary file beside `path` and renames it.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package static func write(_ data: Data, to path: String) throws {
    try write(to: path) { descriptor in try write(data, descriptor, path) }
  }

  /// Writes a file in parts.
  ///
  /// - Parameter body: writes to the descriptor of a new file.
  /// - Throws: `FileError.unwritable` and the errors of `body`.
  package static func write(to path: String, _ body: (_ descriptor: Int32) throws -> Void) throws {
    let (descriptor, name) = try temporary(beside: path)
    defer { close(descriptor) }
    do {
      try body(descriptor)
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

  private static func write(_ data: Data, _ descriptor: Int32, _ path: String) throws {
    try data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Foundation.write(
          descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { throw failure(path) }
        offset += written
      }
    }
  }

  private static func failure(_ path: String) -> FileError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
