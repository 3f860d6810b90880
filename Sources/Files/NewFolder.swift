import Foundation
import Synchronization

/// A new folder for results, created with its missing parent folders.
///
/// It remembers the files that this process writes into it, so that a clean-up removes nothing
/// else.
public final class NewFolder: Sendable {
  /// The path, without a trailing slash.
  public let path: String
  private let written: Mutex<Written>

  /// What this process created.
  private struct Written {
    /// The outermost first.
    var folders: [String]
    var files: [String] = []
  }

  /// Creates the folder.
  ///
  /// - Throws: `FileError.folder` if something of this name exists or the folder cannot be
  ///   created.
  public init(_ path: String) throws {
    let missing = try Self.missingFolders(path)
    self.path = FilePath.withoutTrailingSlashes(path)
    var created: [String] = []
    for folder in missing {
      if mkdir(folder, 0o777) == 0 {
        created.append(folder)
      } else if errno != EEXIST || folder == self.path {
        let reason = errno == EEXIST ? Self.exists : "cannot create it: \(systemReason())"
        for folder in created.reversed() { rmdir(folder) }
        throw FileError.folder(path: path, reason: reason)
      }
    }
    written = Mutex(Written(folders: created))
  }

  /// Checks whether a folder can be created, before the work for it starts.
  ///
  /// - Throws: `FileError.folder`.
  public static func check(_ path: String) throws { _ = try missingFolders(path) }

  /// The path of a file that this process is going to write into the folder.
  public func file(_ name: String) -> String {
    let file = "\(path)/\(name)"
    written.withLock { if !$0.files.contains(file) { $0.files.append(file) } }
    return file
  }

  /// Creates a folder in the folder.
  ///
  /// - Throws: `FileError.folder`.
  public func createFolder(_ name: String) throws {
    let folder = "\(path)/\(name)"
    guard mkdir(folder, 0o777) == 0 else {
      throw FileError.folder(path: folder, reason: "cannot create it: \(systemReason())")
    }
    written.withLock { $0.folders.append(folder) }
  }

  /// Removes the files that this process wrote, and the folders that it created. A folder that
  /// holds anything else stays.
  public func remove() {
    let written = written.withLock { $0 }
    for file in written.files { unlink(file) }
    for folder in written.folders.reversed() { rmdir(folder) }
  }

  private static let exists = "already exists; choose another folder"

  /// The folder and its parents, as far as they do not exist, the outermost first.
  private static func missingFolders(_ path: String) throws -> [String] {
    var folder = FilePath.withoutTrailingSlashes(path)
    guard !folder.isEmpty, !isThere(folder) else {
      throw FileError.folder(path: path, reason: exists)
    }
    guard !folder.unicodeScalars.contains(where: { SystemPath.byte(of: $0) != nil }) else {
      throw FileError.folder(path: path, reason: "its name is not UTF-8; choose another folder")
    }
    var missing = [folder]
    while true {
      folder = FilePath.folder(of: folder)
      guard !isThere(folder) else { break }
      missing.insert(folder, at: 0)
    }
    guard isFolder(folder), access(folder, W_OK | X_OK) == 0 else {
      throw FileError.folder(
        path: path, reason: "cannot create it: \(folder) is not a writable folder")
    }
    return missing
  }

  /// Whether there is anything of this name, be it a link that leads nowhere.
  private static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
