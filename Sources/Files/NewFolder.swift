import Foundation

/// A new folder for results, created with its missing parent folders.
public struct NewFolder: Sendable {
  /// The path, without a trailing slash.
  public let path: String
  /// The outermost folder that was created.
  private let outermost: String

  /// Creates the folder.
  ///
  /// - Throws: `FileError.folder` if something of this name exists or the folder cannot be
  ///   created.
  public init(_ path: String) throws {
    outermost = try Self.check(path)
    self.path = Self.trimmed(path)
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    } catch {
      throw FileError.folder(path: path, reason: "cannot create the folder")
    }
  }

  /// Checks whether a folder can be created, before the work for it starts.
  ///
  /// - Returns: the outermost folder that would be created.
  /// - Throws: `FileError.folder`.
  @discardableResult
  public static func check(_ path: String) throws -> String {
    let files = FileManager.default
    var missing = trimmed(path)
    guard !missing.isEmpty, !files.fileExists(atPath: missing) else {
      throw FileError.folder(path: path, reason: "already exists; choose another folder")
    }
    var parent = FilePath.folder(of: missing)
    while !files.fileExists(atPath: parent), parent != "/", parent != "." {
      missing = parent
      parent = FilePath.folder(of: missing)
    }
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: parent, isDirectory: &isFolder), isFolder.boolValue,
      files.isWritableFile(atPath: parent)
    else {
      throw FileError.folder(
        path: path, reason: "cannot create it: \(parent) is not a writable folder")
    }
    return missing
  }

  /// Removes the folder with its contents and the parent folders that were created.
  public func remove() { try? FileManager.default.removeItem(atPath: outermost) }

  package static func trimmed(_ path: String) -> String { FilePath.withoutTrailingSlashes(path) }
}
