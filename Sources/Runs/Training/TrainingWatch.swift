import Files
import Foundation
import Pictures

/// The record of a training, for those who watch it while it runs.
public struct TrainingWatch: Sendable {
  /// The folder of the record.
  public let folder: String

  /// The most points of a curve.
  private static let mostPoints = 300

  /// Opens a record.
  ///
  /// - Throws: `RecordError` for a folder without one.
  public init(_ folder: String) throws {
    self.folder = FilePath.withoutTrailingSlashes(folder)
    guard InputFile.isFolder(previews) else {
      throw RecordError(
        "\(folder): is not the record of a training; impasto train --run makes one.")
    }
  }

  /// Whether the training runs.
  public var isRunning: Bool { FolderLock.isHeld(folder) }

  /// Losses after a step.
  public struct Point: Sendable {
    public let step: Int
    /// The seconds since the start.
    public let seconds: Double
    /// By the names of the terms: `total`, `content`, `style` and others.
    public let losses: [String: Double]
  }

  /// The curve of the losses, as means over several steps each.
  ///
  /// - Throws: `FileError.unreadable`, and `RecordError` for a damaged record.
  public func curve() throws -> [Point] {
    let rows = try LossTable.rows("\(folder)/losses.csv")
    let window = (rows.count + Self.mostPoints - 1) / Self.mostPoints
    return LossTable.means(rows, over: max(1, window)).map {
      Point(step: $0.number, seconds: $0.seconds, losses: $0.values)
    }
  }

  /// The path of the newest preview, and its step; nil if there is none.
  public var latestPreview: (path: String, step: Int)? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: previews)) ?? []
    let steps = names.compactMap { name in
      name.hasSuffix(".jpg")
        ? Int(name.dropLast(4)).map { (path: "\(previews)/\(name)", step: $0) } : nil
    }
    return steps.max { $0.step < $1.step }
  }

  private var previews: String { "\(folder)/previews" }
}
