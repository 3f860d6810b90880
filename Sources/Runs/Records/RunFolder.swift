import Foundation
import Impasto
import Pictures

/// The folder of a run's record.
public struct RunFolder: Sendable {
  /// Where it is.
  public let path: String

  /// The settings, resolved, with checksums.
  public var recipe: String { file("recipe.toml") }
  /// The losses of every iteration.
  public var losses: String { file("losses.csv") }
  /// The result; it is written last, so that its presence says that the record is whole.
  public var result: String { Self.result(path) }
  /// Pictures on the way.
  public var frames: String { file("frames") }
  /// The synthesis as a moving picture.
  public var animation: String { file("animation.webp") }
  /// Everything on a page.
  public var report: String { file("report.html") }

  /// The result's path in a folder.
  public static func result(_ folder: String) -> String { "\(folder)/result.png" }

  /// Opens the record of a run.
  ///
  /// - Throws: `RecordError` if there is none.
  public init(opening path: String) throws {
    self.path = Self.trimmed(path)
    for file in [recipe, losses] where !FileManager.default.fileExists(atPath: file) {
      throw RecordError("\(path): is no run's folder, there is no \(file).")
    }
  }

  /// Makes a folder for a new record.
  ///
  /// - Throws: `RecordError` if something of this name exists or cannot be made.
  init(creating path: String) throws {
    try Self.checkNew(path)
    self.path = Self.trimmed(path)
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: false)
      try FileManager.default.createDirectory(atPath: frames, withIntermediateDirectories: false)
    } catch {
      throw RecordError("\(path): cannot make the folder: \(Self.reason(error)).")
    }
  }

  /// Finds out before the work whether a record could be kept in a folder.
  ///
  /// - Throws: `RecordError`.
  public static func checkNew(_ path: String) throws {
    let path = trimmed(path)
    guard !path.isEmpty, !FileManager.default.fileExists(atPath: path) else {
      throw RecordError("\(path): exists; a record is never written over, choose another folder.")
    }
    try AtomicFile.checkWritable(path)
  }

  /// Whether the run came to its end.
  public var isComplete: Bool { FileManager.default.fileExists(atPath: result) }

  private func file(_ name: String) -> String { "\(path)/\(name)" }

  private static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) } ?? "\(error)"
  }
}

/// Why a record cannot be read or kept.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  /// One sentence that names the file.
  public let description: String

  init(_ description: String) { self.description = description }
}
