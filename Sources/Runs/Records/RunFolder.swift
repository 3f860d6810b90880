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

  /// The checkpoint's path in a folder.
  static func checkpoint(_ folder: String) -> String { "\(folder)/checkpoint.safetensors" }

  /// Opens the record of a run.
  ///
  /// - Throws: `RecordError` if there is none.
  public init(opening path: String) throws {
    self.path = FilePath.withoutTrailingSlashes(path)
    for file in [recipe, losses] where !FileManager.default.fileExists(atPath: file) {
      throw RecordError("\(path): is not a run's folder: there is no \(file).")
    }
  }

  /// A record in a folder that may still be empty.
  init(in folder: String) {
    path = FilePath.withoutTrailingSlashes(folder)
  }

  /// The names of the files that a run adds after its first step, besides frames and events.
  static let laterFiles = [
    "losses.csv", "checkpoint.safetensors", "animation.webp", "report.html", "result.png",
  ]

  /// Whether the run came to its end.
  public var isComplete: Bool { FileManager.default.fileExists(atPath: result) }

  /// Removes the files of a record that was not completed. A folder that holds anything else
  /// stays.
  static func removeIncomplete(_ path: String) {
    let files = FileManager.default
    func names(_ folder: String) -> [String] {
      (try? files.contentsOfDirectory(atPath: folder)) ?? []
    }
    removeTemporaryFiles(path)
    for name in names("\(path)/frames") where isFrame(name) { unlink("\(path)/frames/\(name)") }
    rmdir("\(path)/frames")
    let known = laterFiles + ["recipe.toml", FolderLock.name]
    for name in names(path) where known.contains(name) || EventFile.isEventFile(name) {
      unlink("\(path)/\(name)")
    }
    rmdir(path)
  }

  /// Removes what a process that was killed in the middle of a write left. The folder must be locked.
  static func removeTemporaryFiles(_ path: String) {
    for folder in [path, "\(path)/frames"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasPrefix(AtomicFile.temporaryPrefix) {
        unlink("\(folder)/\(name)")
      }
    }
  }

  /// The name of the frame after an iteration.
  static func frameName(_ iteration: Int) -> String { String(format: "%06d.jpg", iteration) }

  private static func isFrame(_ name: String) -> Bool {
    Int(name.dropLast(4)).map { frameName($0) == name } ?? false
  }

  private func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// Why a record cannot be read or kept.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  /// One sentence that names the file.
  public let description: String

  init(_ description: String) { self.description = description }
}
