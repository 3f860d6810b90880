import Foundation
import Synchronization

/// The bytes of pipes, kept in temporary files so that they can be read at any place, and again.
package enum PipedFile {
  /// The name of standard input as an input.
  package static let standardInput = "-"

  private static let mostBytes = 1 << 30
  private static let partBytes = 1 << 16
  /// How often a wait for bytes looks for a cancellation.
  private static let milliseconds: Int32 = 100

  /// The files of the pipes that were read, by their paths. A pipe gives its bytes once.
  private static let files = Mutex<[String: UnlinkedFile]>([:])

  /// The path of a file with the bytes of a pipe, which is read to its end at the first call. A
  /// cancellation of the current task ends the wait.
  ///
  /// - Parameter path: a pipe, or `-` for standard input, which may also be a regular file.
  /// - Throws: `FileError.unreadable` if it has no bytes or more than 1 GiB, and
  ///   `FileError.unwritable` if the temporary folder has no space.
  package static func contents(of path: String) throws -> String {
    try files.withLock { files in
      if let file = files[path] { return file.path }
      let file = try read(path)
      files[path] = file
      return file.path
    }
  }

  private static func read(_ path: String) throws -> UnlinkedFile {
    let (source, isOwn) = try open(path)
    defer { if isOwn { close(source) } }
    let file = try UnlinkedFile()
    var part = [UInt8](repeating: 0, count: partBytes)
    var count = 0
    while true {
      // A pipe that was opened here reports its end only to a read, and one without a writer yet
      // looks as if it had ended.
      guard try isReady(source, path) || (isOwn && count > 0) else { continue }
      let got = Foundation.read(source, &part, part.count)
      if got < 0, errno == EAGAIN || errno == EINTR { continue }
      guard got >= 0 else { throw unreadable(path, systemReason()) }
      if got == 0 { break }
      count += got
      guard count <= mostBytes else {
        throw unreadable(path, "it has more than \(mostBytes >> 30) GiB")
      }
      try Data(part[..<got]).write(toDescriptor: file.descriptor) {
        .unwritable(path: file.folder, reason: systemReason())
      }
    }
    guard count > 0 else { throw unreadable(path, "it has no bytes") }
    return file
  }

  /// Opens a pipe. Those that the process has inherited are open already.
  private static func open(_ path: String) throws -> (descriptor: Int32, isOwn: Bool) {
    if let descriptor = inherited(path) {
      _ = try InputFile.kind(of: descriptor, path)
      return (descriptor, false)
    }
    let descriptor = path.withSystemPath {
      Foundation.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw unreadable(path, systemReason()) }
    return (descriptor, true)
  }

  private static func inherited(_ path: String) -> Int32? {
    if path == standardInput || path == "/dev/stdin" { return STDIN_FILENO }
    return ["/dev/fd/", "/proc/self/fd/"].first(where: path.hasPrefix).flatMap {
      Int32(path.dropFirst($0.count))
    }
  }

  /// Waits a moment for bytes or the end.
  private static func isReady(_ descriptor: Int32, _ path: String) throws -> Bool {
    guard !Task.isCancelled else { throw unreadable(path, "the wait for it was interrupted") }
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, milliseconds) > 0
  }

  private static func unreadable(_ path: String, _ reason: String) -> FileError {
    .unreadable(path: path, reason: reason)
  }
}
