import Foundation

/// Writing a file so that it is there as a whole or not at all.
package enum AtomicFile {
  /// Writes a temporary file beside `path` and gives it that name.
  ///
  /// - Throws: `PictureError.unwritable` with the system's reason.
  package static func write(_ data: Data, to path: String) throws {
    var template = Array(path.utf8CString.dropLast()) + Array(".XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    do {
      try write(data, descriptor, path)
      // mkstemp's files are for their owner alone; other programs honour the mask.
      let mask = umask(0)
      umask(mask)
      guard fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0 else { throw failure(path) }
      guard rename(template, path) == 0 else { throw failure(path) }
    } catch {
      unlink(template)
      throw error
    }
  }

  private static func write(_ data: Data, _ descriptor: Int32, _ path: String) throws {
    try data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Foundation.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { throw failure(path) }
        offset += written
      }
    }
  }

  private static func failure(_ path: String) -> PictureError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
