import Foundation

/// A folder that is made for results, with those around it that are missing, and never one that
/// was there before.
public struct NewFolder: Sendable {
  /// Without a slash at its end.
  public let path: String
  /// The outermost folder that was made.
  private let outermost: String

  /// Makes it.
  ///
  /// - Throws: `FileError.folder` if something of this name exists or it cannot be made.
  public init(_ path: String) throws {
    outermost = try Self.check(path)
    self.path = Self.trimmed(path)
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    } catch {
      throw FileError.folder(path: path, reason: "cannot create the folder")
    }
  }

  /// Finds out before the work whether a folder could be made.
  ///
  /// - Returns: the outermost folder that would be made for it.
  /// - Throws: `FileError.folder`.
  @discardableResult
  public static func check(_ path: String) throws -> String {
    let files = FileManager.default
    var missing = trimmed(path)
    guard !missing.isEmpty, !files.fileExists(atPath: missing) else {
      throw FileError.folder(path: path, reason: "already exists; choose another folder")
    }
    var parent = self.parent(of: missing)
    while !files.fileExists(atPath: parent), parent != "/", parent != "." {
      missing = parent
      parent = self.parent(of: missing)
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

  /// Removes it with all that is in it and was made for it, after a failure.
  public func remove() { try? FileManager.default.removeItem(atPath: outermost) }

  package static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
  }

  private static func parent(of path: String) -> String {
    let parent = (path as NSString).deletingLastPathComponent
    return parent.isEmpty ? "." : parent
  }
}
