import Engine
import Files
import Foundation
import Impasto
import Pictures

/// A grid of transfers, each with its record, in one folder.
///
/// A cell that is complete is never computed again, so that a sweep that was stopped goes on
/// where it was.
public struct Sweep: Sendable {
  /// One transfer of the grid.
  public struct Cell: Sendable {
    /// What is special about it.
    public let label: String
    /// Its own settings in order.
    let settings: [(key: String, value: SettingValue)]
    let recipe: Recipe
    /// Its record's folder.
    let folder: String
  }

  /// What became of a cell.
  public struct Outcome: Sendable {
    public let cell: Cell
    /// Its record; nil if it failed.
    public let record: RunRecord?
    /// Why it failed.
    public let problem: String?
    /// Whether it was there already.
    public let wasThere: Bool
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
        "\(file.path): has neither [sweep] nor [[case]]; a single recipe runs with «impasto transfer --recipe»."
      )
    }
    let folder = NewFolder.trimmed(folder)
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
    guard FileManager.default.fileExists(atPath: folder) else {
      _ = try NewFolder(folder)
      return try AtomicFile.write(Data(file.text.utf8), to: copy)
    }
    guard let text = try? String(contentsOfFile: copy, encoding: .utf8) else {
      throw RecordError("\(folder): exists and is no sweep's folder; choose another one.")
    }
    guard text == file.text else {
      throw RecordError(
        "\(folder): was made by another sweep, see \(copy); choose another folder, or give that file to go on."
      )
    }
  }

  /// Runs all cells that are not complete; one that fails does not stop the others.
  ///
  /// - Parameters:
  ///   - jobs: cells at once; nil for as many as processors and memory allow. They share the
  ///     processors, which does not change their bytes.
  ///   - finished: is told of each outcome.
  /// - Returns: the outcomes of all cells that were reached before a cancellation.
  public func run(jobs: Int? = nil, finished: @escaping @Sendable (Outcome) -> Void) async
    -> [Outcome]
  {
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

  /// Nil for a cell that was cancelled.
  private func outcome(of cell: Cell, _ networks: NetworkCache, _ threads: Int?) async -> Outcome? {
    do {
      if FileManager.default.fileExists(atPath: RunFolder.result(cell.folder)) {
        return Outcome(
          cell: cell, record: try RunRecord(cell.folder), problem: nil, wasThere: true)
      }
      // What a stopped run left of the cell.
      try? FileManager.default.removeItem(atPath: cell.folder)
      guard try await compute(cell, networks, threads) else { return nil }
      return Outcome(
        cell: cell, record: try RunRecord(cell.folder), problem: nil, wasThere: false)
    } catch {
      return Outcome(cell: cell, record: nil, problem: "\(error)", wasThere: false)
    }
  }

  /// - Returns: false after a cancellation.
  private func compute(_ cell: Cell, _ networks: NetworkCache, _ threads: Int?) async throws -> Bool
  {
    let start = ContinuousClock.now
    let network = try await networks.network(of: cell.recipe)
    let prepared = try RecipeTransfer(cell.recipe, network: network, threads: threads)
    var recorder = try RunRecorder(folder: cell.folder, prepared)
    do {
      var last: TransferStep?
      for try await step in prepared.transfer.steps() {
        try recorder.record(step, seconds: (ContinuousClock.now - start) / .seconds(1))
        last = step
      }
      guard let last, last.status != .cancelled else {
        recorder.abandon()
        return false
      }
      try await recorder.finish(last)
      return true
    } catch {
      recorder.abandon()
      throw error
    }
  }

  /// Writes the table and the contact sheet of what there is.
  ///
  /// - Throws: `PictureError`.
  public func summarize(_ outcomes: [Outcome]) throws {
    try AtomicFile.write(Data(SweepTable(outcomes).csv.utf8), to: "\(folder)/table.csv")
    let cells = try cells.map { cell in
      let outcome = outcomes.first { $0.cell.folder == cell.folder }
      return ContactSheet.Cell(
        try outcome?.record.map { try Picture(contentsOf: $0.folder.result) },
        label: cell.label + (outcome?.problem == nil ? "" : " failed"))
    }
    try ContactSheet(cells, columns: columns, cellSide: Self.sheetSide).picture().write(
      to: "\(folder)/sheet.png")
  }
}

/// Networks that cells share, with the weights that were prepared for them.
private actor NetworkCache {
  private var networks: [[String]: FeatureNetwork] = [:]

  func network(of recipe: Recipe) throws -> FeatureNetwork {
    let recipe = recipe.filled()
    let key = [recipe.model!, recipe.pooling!.rawValue, recipe.padding!.rawValue]
    if let network = networks[key] { return network }
    let network = try recipe.network()
    networks[key] = network
    return network
  }
}
