import Foundation
import Pictures

/// A folder that is made for results, and never one that was there before.
public struct NewFolder: Sendable {
  /// Without a slash at its end.
  public let path: String

  /// Makes it.
  ///
  /// - Throws: `RecordError` if something of this name exists or it cannot be made.
  public init(_ path: String) throws {
    try Self.check(path)
    self.path = Self.trimmed(path)
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: false)
    } catch {
      throw RecordError("\(path): the folder cannot be made.")
    }
  }

  /// Finds out before the work whether a folder could be made.
  ///
  /// - Throws: `RecordError` and `PictureError.unwritable`.
  public static func check(_ path: String) throws {
    let path = trimmed(path)
    guard !path.isEmpty, !FileManager.default.fileExists(atPath: path) else {
      throw RecordError("\(path): exists, and is never written over; choose another folder.")
    }
    try AtomicFile.checkWritable(path)
  }

  /// Removes it with all that is in it, after a failure.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }

  static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
  }
}
