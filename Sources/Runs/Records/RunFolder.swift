import Files
import Foundation

/// The folder of a run's record.
public struct RunFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// The settings, resolved, with checksums.
  public var recipe: String { file("recipe.toml") }
  /// The losses of every iteration.
  public var losses: String { file("losses.csv") }
  /// The result; it is written last, so that its presence says that the record is whole.
  public var result: String { Self.result(path) }
  /// The frames of the run.
  public var frames: String { file("frames") }
  /// The synthesis as a moving picture.
  public var animation: String { file("animation.webp") }
  /// The run on one page.
  public var report: String { file("report.html") }

  /// The result's path in a folder.
  public static func result(_ folder: String) -> String { "\(folder)/result.png" }

  /// Opens the record of a run.
  ///
  /// - Throws: `RecordError` if there is none.
  public init(opening path: String) throws {
    self.path = NewFolder.trimmed(path)
    for file in [recipe, losses] where !FileManager.default.fileExists(atPath: file) {
      throw RecordError("\(path): is not a run's folder: there is no \(file).")
    }
  }

  /// The record that a new folder is for.
  ///
  /// - Throws: `RecordError` if its folder of frames cannot be made.
  init(in folder: NewFolder) throws {
    path = folder.path
    _ = try NewFolder(frames)
  }

  /// Whether the run came to its end.
  public var isComplete: Bool { FileManager.default.fileExists(atPath: result) }

  private func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// Why a record cannot be read or kept.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  /// One sentence that names the file.
  public let description: String

  init(_ description: String) { self.description = description }
}
