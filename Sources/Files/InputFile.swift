import Foundation

/// The kinds of files that can be inputs. Everything else might never end, or is no file.
package enum InputFile {
  /// A file that can be read at any place, and again.
  case regular
  /// A pipe, whose bytes come once.
  case pipe

  /// Finds the kind of an input. Nothing is opened, so that nothing waits.
  ///
  /// - Throws: `FileError.unreadable` if there is no file, it may not be read, or it is a folder, a
  ///   device or a socket.
  package static func kind(of path: String) throws -> InputFile {
    var status = stat()
    guard path.withSystemPath({ stat($0, &status) == 0 && access($0, R_OK) == 0 }) else {
      throw FileError.unreadable(path: path, reason: reason)
    }
    return try kind(status, path)
  }

  /// Whether there is anything of this name.
  package static func exists(_ path: String) -> Bool {
    path.withSystemPath { access($0, F_OK) == 0 }
  }

  /// Whether there is a folder of this name.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return path.withSystemPath { stat($0, &status) == 0 } && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Checks that an input is a regular file.
  ///
  /// - Throws: `FileError.unreadable`, also for a pipe.
  package static func checkRegular(_ path: String) throws {
    try requireRegular(kind(of: path), path)
  }

  /// Opens a regular file for reading.
  ///
  /// - Returns: a descriptor that the caller closes.
  /// - Throws: as `checkRegular(_:)`.
  package static func open(_ path: String) throws -> Int32 {
    try checkRegular(path)
    // The file may have been replaced by a pipe since the check.
    let descriptor = path.withSystemPath {
      Foundation.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }
    guard descriptor >= 0 else {
      throw FileError.unreadable(path: path, reason: reason)
    }
    do {
      try requireRegular(kind(of: descriptor, path), path)
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// The kind of an open file.
  static func kind(of descriptor: Int32, _ path: String) throws -> InputFile {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError.unreadable(path: path, reason: reason)
    }
    return try kind(status, path)
  }

  private static func kind(_ status: stat, _ path: String) throws -> InputFile {
    let reason: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .regular
    case S_IFIFO: return .pipe
    case S_IFDIR: reason = "it is a folder"
    case S_IFSOCK: reason = "it is a socket"
    default: reason = "it is a device"
    }
    throw FileError.unreadable(path: path, reason: reason)
  }

  private static func requireRegular(_ kind: InputFile, _ path: String) throws {
    guard kind == .regular else {
      throw FileError.unreadable(
        path: path, reason: "it is a pipe, and only a photo or a style is read from one")
    }
  }

  private static var reason: String {
    switch errno {
    case ENOENT, ENOTDIR: "there is no such file"
    case EACCES, EPERM: "permission is denied"
    default: systemReason()
    }
  }
}
