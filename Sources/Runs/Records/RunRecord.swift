import Files
import Foundation
import Impasto

/// The record of a run.
public struct RunRecord: Sendable {
  /// The record's folder.
  public let folder: RunFolder
  /// The settings of the run.
  public let recipe: Recipe
  let log: LossLog

  init(folder: RunFolder, recipe: Recipe, log: LossLog) {
    self.folder = folder
    self.recipe = recipe
    self.log = log
  }

  /// Reads a record.
  ///
  /// - Throws: `RecordError` and `RecipeFileError`.
  public init(_ path: String) throws {
    folder = try RunFolder(opening: path)
    recipe = try RecipeFile(path: folder.recipe).recipe
    log = try LossLog(path: folder.losses)
    guard !log.rows.isEmpty else { throw RecordError("\(folder.losses): holds no iteration.") }
  }

  /// The records in a folder: its own, or those of the folders in it.
  ///
  /// - Throws: `RecordError` if there are none, and what reading them throws.
  public static func all(in path: String) throws -> [RunRecord] {
    let path = FilePath.withoutTrailingSlashes(path)
    guard !FileManager.default.fileExists(atPath: "\(path)/recipe.toml") else {
      return [try RunRecord(path)]
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let records = try names.sorted().filter {
      FileManager.default.fileExists(atPath: "\(path)/\($0)/losses.csv")
    }.map { try RunRecord("\(path)/\($0)") }
    guard !records.isEmpty else { throw RecordError("\(path): holds no runs.") }
    return records
  }

  /// The losses of every iteration.
  package var curve: [LossLog.Row] { log.rows }
  /// The number of iterations.
  public var iterations: Int { log.rows.last!.iteration }
  /// The duration in seconds.
  public var seconds: Double { log.rows.last!.seconds }
  /// The objective's value at the end.
  public var loss: Double { log.rows.last!.losses["total"] ?? 0 }
  /// The losses at the end by their columns in `losses.csv`, in order.
  public var losses: [(name: String, value: Double)] {
    log.columns.map { ($0, log.rows.last!.losses[$0] ?? 0) }
  }
}
