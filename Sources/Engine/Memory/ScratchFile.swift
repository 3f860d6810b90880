import Foundation

/// A temporary file for buffers that need not stay in memory.
///
/// The file has no name, so it is gone as soon as the process ends, however that happens. Its space is
/// reserved at the start: a full disk is an error then, and not in the middle of the work.
package final class ScratchFile: @unchecked Sendable {
  private let descriptor: Int32
  private let bytes: Int
  /// The bytes that buffers have taken; only one thread at a time allocates buffers.
  private var taken = 0

  /// An error about the space for a scratch file.
  package struct NoSpace: Error, CustomStringConvertible {
    let folder: String
    let bytes: Int
    let reason: String

    package var description: String {
      "\(folder): cannot reserve \(AvailableMemory.text(Double(bytes))) for temporary data: \(reason); "
        + "free some space, or name another folder in TMPDIR."
    }
  }

  /// The folder for scratch files: `TMPDIR`, or the one for large temporary files, because `/tmp` may
  /// itself be in memory.
  package static var folder: String {
    ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
  }

  /// Creates a file.
  ///
  /// - Parameter bytes: the space for all buffers.
  /// - Throws: `NoSpace`.
  package init(bytes: Int) throws {
    func failure(_ code: Int32) -> NoSpace {
      NoSpace(folder: Self.folder, bytes: bytes, reason: String(cString: strerror(code)))
    }
    var name = Array("\(Self.folder)/impasto-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    self.bytes = bytes
    guard descriptor >= 0 else { throw failure(errno) }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let code = Self.reserve(bytes, in: descriptor)
    guard code == 0 else {
      close(descriptor)
      throw failure(code)
    }
  }

  deinit { close(descriptor) }

  private static func reserve(_ bytes: Int, in descriptor: Int32) -> Int32 {
    #if os(Linux)
    posix_fallocate(descriptor, 0, max(1, bytes))
    #else
    ftruncate(descriptor, off_t(bytes)) == 0 ? 0 : errno
    #endif
  }

  /// Maps the next bytes of the file.
  func map(_ count: Int) -> UnsafeMutableRawPointer {
    let count = Self.mappedBytes(count)
    precondition(taken + count <= bytes, "The scratch file is too small.")
    let memory = mmap(
      nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(taken))
    guard let memory, memory != UnsafeMutableRawPointer(bitPattern: -1) else {
      MemoryExhaustion.end(bytes: count)
    }
    taken += count
    return memory
  }

  /// The bytes that a buffer takes in a file: whole pages.
  package static func mappedBytes(_ bytes: Int) -> Int {
    let page = Int(getpagesize())
    return (bytes + page - 1) / page * page
  }
}
