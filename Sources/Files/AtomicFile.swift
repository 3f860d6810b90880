import Foundation

/// Writes files so that readers see a whole file or none.
///
/// A symbolic link is followed: the file that it names is replaced. Bytes for a pipe or a device go
/// into it, because a rename would replace it by a file. `-` is standard output.
package enum AtomicFile {
  /// The name of standard output as an output.
  package static let standardOutput = OutputTarget.standardOutput

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
    let target = try OutputTarget(path)
    guard !target.isStream else { return try writeStream(target.path, body) }
    let (descriptor, name) = try temporary(beside: target.path, for: path)
    defer { close(descriptor) }
    do {
      try body { try $0.write(toDescriptor: descriptor) { failure(path) } }
      // mkstemp gives its files to their owner alone; other programs follow the mask.
      guard fchmod(descriptor, 0o666 & ~CreationMask.own) == 0, fsync(descriptor) == 0 else {
        throw failure(path)
      }
      guard target.path.withSystemPath({ rename(name, $0) == 0 }) else { throw failure(path) }
    } catch {
      unlink(name)
      throw error
    }
  }

  /// Moves a complete file to `path`, on the same file system.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package static func move(_ file: String, to path: String) throws {
    let target = try OutputTarget(path)
    let descriptor = file.withSystemPath { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    let isMoved =
      fsync(descriptor) == 0
      && file.withSystemPath { file in
        target.path.withSystemPath { rename(file, $0) == 0 }
      }
    guard isMoved else { throw failure(path) }
  }

  /// Checks whether a file can be written, by creating a temporary file beside it.
  ///
  /// - Throws: `FileError.unwritable` with the system's reason.
  package static func checkWritable(_ path: String) throws {
    let target = try OutputTarget(path)
    if target.isStream {
      return try checkStream(target.path)
    }
    let (descriptor, name) = try temporary(beside: target.path, for: path)
    close(descriptor)
    unlink(name)
  }

  /// Whether the bytes for a path go into an existing pipe or device.
  package static func isStream(_ path: String) -> Bool {
    (try? OutputTarget(path))?.isStream ?? false
  }

  private static func checkStream(_ path: String) throws {
    guard path == standardOutput else {
      guard path.withSystemPath({ access($0, W_OK) == 0 }) else { throw failure(path) }
      return
    }
    guard isatty(STDOUT_FILENO) == 0 else {
      throw FileError.unwritable(
        path: path, reason: "standard output is a terminal; redirect it to a file or a pipe")
    }
    guard fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE != O_RDONLY else {
      throw FileError.unwritable(path: path, reason: "standard output is closed")
    }
  }

  private static func writeStream(
    _ path: String, _ body: (_ write: (Data) throws -> Void) throws -> Void
  ) throws {
    let descriptor =
      path == standardOutput
      ? dup(STDOUT_FILENO) : path.withSystemPath { open($0, O_WRONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    try body { try $0.write(toDescriptor: descriptor) { failure(path) } }
  }

  /// The start of the names of temporary files.
  package static let temporaryPrefix = ".impasto-"

  /// The name is short, because that of the file may be as long as the file system allows.
  private static func temporary(beside target: String, for path: String) throws -> (
    descriptor: Int32, name: [CChar]
  ) {
    var name = SystemPath.bytes(of: "\(FilePath.folder(of: target))/\(temporaryPrefix)XXXXXX")
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw failure(path) }
    return (descriptor, name)
  }

  private static func failure(_ path: String) -> FileError {
    .unwritable(path: path, reason: systemReason())
  }
}
