#if Studio
import Files
import Foundation

/// The folder of the studio's pictures, jobs and database.
///
/// The process works inside it, so that recipes name files by short relative paths, and no other folder is
/// named in what the studio gives away.
struct StudioFolder: Sendable {
  /// The absolute path.
  let path: String
  private let lock: FolderLock

  /// Opens the folder, or makes it, and makes it the process's working folder.
  ///
  /// - Throws: `FileError` if another studio works there, and `StudioError.unusable`.
  init(_ path: String) throws {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    self.path = url.path
    let files = FileManager.default
    do {
      for folder in ["", "/pictures", "/jobs", "/incoming"] {
        try files.createDirectory(
          atPath: url.path + folder, withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
      }
    } catch {
      throw StudioError.unusable(url.path, "it cannot be created")
    }
    lock = try FolderLock(url.path)
    guard files.changeCurrentDirectoryPath(url.path) else {
      throw StudioError.unusable(url.path, "it cannot be opened")
    }
    // What uploads left that were cut off by the end of the process.
    for name in (try? files.contentsOfDirectory(atPath: "incoming")) ?? [] {
      unlink("incoming/\(name)")
    }
  }

  /// The database's path.
  var database: String { "\(path)/studio.sqlite" }

  /// A picture that was uploaded.
  static func picture(_ id: Identifier) -> String { "pictures/\(id).png" }

  /// A small version of an uploaded picture.
  static func thumbnail(_ id: Identifier) -> String { "pictures/\(id).jpg" }

  /// A film that was uploaded.
  static func film(_ id: Identifier) -> String { "pictures/\(id).film" }

  /// Removes the files of an uploaded picture or film.
  static func removePicture(_ id: Identifier) {
    for path in [picture(id), thumbnail(id), film(id)] { unlink(path) }
  }

  /// The folder of a job, which is the record of an optimization.
  static func job(_ id: Identifier) -> String { "jobs/\(id)" }

  /// The result of a job.
  static func result(_ job: StudioJob) -> String {
    "\(Self.job(job.id))/result.\(job.isFilm ? "mp4" : "png")"
  }

  /// A new temporary file for an upload.
  static func incoming() -> String { "incoming/\(Identifier())" }

  /// The bytes that pictures and jobs take on the disk.
  func usedBytes() -> Int {
    guard
      let names = FileManager.default.enumerator(
        at: URL(fileURLWithPath: path), includingPropertiesForKeys: [.totalFileAllocatedSizeKey])
    else { return 0 }
    return names.reduce(0) { sum, url in
      let values = try? (url as? URL)?.resourceValues(forKeys: [.totalFileAllocatedSizeKey])
      return sum + (values?.totalFileAllocatedSize ?? 0)
    }
  }

  /// The bytes that are free on the disk.
  func freeBytes() -> Int? {
    let values = try? FileManager.default.attributesOfFileSystem(forPath: path)
    return (values?[.systemFreeSize] as? NSNumber)?.intValue
  }
}

/// Why the studio cannot start.
public enum StudioError: Error, Sendable, CustomStringConvertible {
  /// The folder cannot be used.
  case unusable(String, String)
  /// The address cannot be used, because of its port or its host.
  case noAddress(host: String, port: Int, reason: String)

  public var description: String {
    switch self {
    case .unusable(let path, let reason): "\(path): \(reason); choose another folder with --data."
    case .noAddress(let host, let port, let reason):
      "--port \(port): \(host):\(port) cannot be used: \(reason); choose another one."
    }
  }
}
#endif
