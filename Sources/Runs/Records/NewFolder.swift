import Foundation
import Pictures

/// A folder that is made for results, with those around it that are missing, and never one that
/// was there before.
public struct NewFolder: Sendable {
  /// Without a slash at its end.
  public let path: String
  /// The outermost folder that was made.
  private let outermost: String

  /// Makes it.
  ///
  /// - Throws: `RecordError` if something of this name exists or it cannot be made.
  public init(_ path: String) throws {
    outermost = try Self.check(path)
    self.path = Self.trimmed(path)
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    } catch {
      throw RecordError("\(path): the folder cannot be made.")
    }
  }

  /// Finds out before the work whether a folder could be made.
  ///
  /// - Returns: the outermost folder that would be made for it.
  /// - Throws: `RecordError`.
  @discardableResult
  public static func check(_ path: String) throws -> String {
    let files = FileManager.default
    var missing = trimmed(path)
    guard !missing.isEmpty, !files.fileExists(atPath: missing) else {
      throw RecordError("\(path): exists, and is never written over; choose another folder.")
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
      throw RecordError("\(path): cannot be made, \(parent) is no folder that can be written to.")
    }
    return missing
  }

  /// Removes it with all that is in it and was made for it, after a failure.
  public func remove() { try? FileManager.default.removeItem(atPath: outermost) }

  static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
  }

  private static func parent(of path: String) -> String {
    let parent = (path as NSString).deletingLastPathComponent
    return parent.isEmpty ? "." : parent
  }
}
