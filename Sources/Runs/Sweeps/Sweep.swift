import Engine
import Files
import Foundation
import Impasto
import NetworkStore
import Pictures

/// A grid of transfers, each with its record, in one folder.
///
/// A complete cell is never computed again, so that a sweep that was interrupted resumes where it
/// stopped.
public struct Sweep: Sendable {
  /// One transfer of the grid.
  public struct Cell: Sendable {
    /// The settings that distinguish the cell.
    public let label: String
    /// The cell's own settings in order.
    let settings: [(key: String, value: SettingValue)]
    let recipe: Recipe
    /// The path of the record.
    let folder: String
  }

  /// The outcome of a cell.
  public struct Outcome: Sendable {
    public let cell: Cell
    /// The record; nil if the cell failed.
    public let record: RunRecord?
    /// The result at the size of a contact sheet's cell; nil if the cell failed.
    let thumbnail: Picture?
    /// The reason why the cell failed.
    public let error: (any Error)?
    /// Whether the record existed before the sweep.
    public let wasThere: Bool

    /// The reason why the cell failed, with the keys of settings.
    public var problem: String? { error.map { "\($0)" } }
  }

  /// All cells, row by row.
  public let cells: [Cell]
  private let file: RecipeFile
  private let folder: String
  private let columns: Int

  private static let sheetSide = 320

  /// Opens a sweep's folder, or makes it.
  ///
  /// - Throws: `RecordError` if the folder holds anything else.
  public init(_ file: RecipeFile, folder: String) throws {
    guard let grid = file.grid else {
      throw RecordError(
        "\(file.path): has neither [sweep] nor [[case]], so it is the recipe of a single transfer."
      )
    }
    let folder = FilePath.withoutTrailingSlashes(folder)
    self.file = file
    self.folder = folder
    columns = grid.columns
    let digits = String(grid.cells.count).count
    cells = grid.cells.enumerated().map { index, cell in
      let number = String(repeating: "0", count: digits - String(index + 1).count) + "\(index + 1)"
      return Cell(
        label: cell.label, settings: cell.settings,
        recipe: file.recipe.overridden(by: cell.recipe),
        folder: "\(folder)/\(number)-\(Self.fileName(cell.label))")
    }
    try openFolder()
  }

  /// A label as a part of a file's name.
  private static func fileName(_ label: String) -> String {
    let kept = label.map { $0.isLetter || $0.isNumber || "=.,-".contains($0) ? $0 : "_" }
    return String(String(kept).prefix(80))
  }

  private func openFolder() throws {
    let copy = "\(folder)/sweep.toml"
    if !InputFile.exists(folder) {
      // Shards that start together make the same folder with the same file.
      do { _ = try NewFolder(folder) } catch {
        guard InputFile.isFolder(folder) else { throw error }
      }
    }
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    if let names, names.allSatisfy({ $0.hasPrefix(".") }) {
      return try AtomicFile.write(Data(file.text.utf8), to: copy)
    }
    let text = (try? MappedFile(path: copy)).flatMap { String(data: $0.data, encoding: .utf8) }
    guard let text else {
      throw RecordError("\(folder): exists and is not a sweep's folder; choose another one.")
    }
    guard text == file.text else {
      throw RecordError(
        "\(folder): was made by another sweep, see \(copy); choose another folder, or that file to "
          + "resume it."
      )
    }
  }

  /// Runs all cells that are not complete; one that fails does not stop the others.
  ///
  /// - Parameters:
  ///   - shard: the part of the cells to run, of several processes that share the folder.
  ///   - jobs: cells at once; nil for as many as processors and memory allow. They share the
  ///     processors, which does not change their bytes.
  ///   - finished: receives each outcome.
  /// - Returns: the outcomes of all cells that were reached before a cancellation.
  /// - Throws: `FileError` if another process works on the sweep, or on the same shard of it.
  public func run(
    shard: Shard = .whole, jobs: Int? = nil, finished: @escaping @Sendable (Outcome) -> Void
  ) async throws -> [Outcome] {
    let lock = try lock(shard)
    defer { withExtendedLifetime(lock) {} }
    let cells = cells.enumerated().filter { shard.contains($0.offset) }.map(\.element)
    guard !cells.isEmpty else { return [] }
    let networks = NetworkCache()
    let jobs = min(cells.count, jobs ?? Self.suitableJobs(for: cells))
    // One each, unless there are fewer cells than processors.
    let threads = max(1, ProcessorCount.available / jobs)
    return await withTaskGroup(of: (Int, Outcome?).self) { group in
      var outcomes: [Int: Outcome] = [:]
      var next = 0
      func start() {
        guard next < cells.count, !Task.isCancelled else { return }
        let index = next
        next += 1
        group.addTask { (index, await outcome(of: cells[index], networks, threads)) }
      }
      for _ in 0..<jobs { start() }
      for await (index, outcome) in group {
        if let outcome {
          outcomes[index] = outcome
          finished(outcome)
        }
        start()
      }
      return outcomes.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// Takes the sweep, or a shard of it, for this process.
  private func lock(_ shard: Shard) throws -> FolderLock {
    guard shard.count > 1 else { return try FolderLock(folder) }
    let own = shard.folder(in: folder)
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    return try FolderLock(own)
  }

  /// The outcomes of all cells, which were run before, perhaps by several processes.
  ///
  /// - Throws: `RecordError` if cells are missing.
  public func collected() throws -> [Outcome] {
    let outcomes = try cells.compactMap { cell -> Outcome? in
      let job = TransferJob(recipe: cell.recipe, record: cell.folder)
      return try job.completeRecord().map { try Self.outcome(of: cell, $0, wasThere: true) }
    }
    guard outcomes.count == cells.count else {
      throw RecordError(
        "\(folder): \(cells.count - outcomes.count) of \(cells.count) runs are missing; run the shards again that "
          + "have ended early.")
    }
    return outcomes
  }

  private static func outcome(
    of cell: Cell, _ record: RunRecord, wasThere: Bool
  ) throws -> Outcome {
    let thumbnail = try Picture(contentsOf: record.folder.result).thumbnail(side: sheetSide)
    return Outcome(
      cell: cell, record: record, thumbnail: thumbnail, error: nil, wasThere: wasThere)
  }

  /// The outcome of a cell; nil if it was canceled.
  private func outcome(of cell: Cell, _ networks: NetworkCache, _ threads: Int?) async -> Outcome? {
    let job = TransferJob(
      recipe: cell.recipe, record: cell.folder, keepsPartialResult: false, threads: threads,
      networks: networks)
    do {
      if let record = try job.completeRecord() {
        return try Self.outcome(of: cell, record, wasThere: true)
      }
      let result =
        if let checkpoint = job.recordedCheckpoint() {
          try await job.run(from: checkpoint)
        } else {
          try await job.startAnew()
        }
      guard let record = result.record else { return nil }
      return Outcome(
        cell: cell, record: record, thumbnail: try result.thumbnail(side: Self.sheetSide),
        error: nil, wasThere: false)
    } catch {
      return Outcome(cell: cell, record: nil, thumbnail: nil, error: error, wasThere: false)
    }
  }

  /// Writes the table and the contact sheet of the outcomes.
  ///
  /// - Throws: `PictureError`.
  public func summarize(_ outcomes: [Outcome]) throws {
    try AtomicFile.write(Data(SweepTable(outcomes).csv.utf8), to: "\(folder)/table.csv")
    let cells = cells.map { cell in
      let outcome = outcomes.first { $0.cell.folder == cell.folder }
      return ContactSheet.Cell(
        outcome?.thumbnail,
        label: cell.label + (outcome?.error == nil ? "" : " failed"))
    }
    try ContactSheet(cells, columns: columns, cellSide: Self.sheetSide).picture().write(
      to: "\(folder)/sheet.png")
  }
}
