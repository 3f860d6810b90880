import Files
import Foundation
import Impasto
import Pictures
import Runs
import Synchronization
import TestSupport
import Testing

@Suite struct SweepTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var random = SmallRandom(4)
    for name in ["photo.png", "painting.png"] {
      try Picture(pixels: random.tensor([20, 24, 3], in: 0...1)).write(to: "\(folder)/\(name)")
    }
  }

  private func file(_ grid: String) throws -> RecipeFile {
    try RecipeFile(
      text: """
        content = "\(folder)/photo.png"
        style = "\(folder)/painting.png"
        iterations = 2
        \(grid)
        """, path: "grid.toml")
  }

  /// The number of cells may not fit into any integer.
  @Test func absurdlyManyCellsAreAnError() {
    let values = "[" + [String](repeating: "1", count: 10_000).joined(separator: ",") + "]"
    let axes = [
      "seed", "iterations", "scales", "margin", "size", "style-size", "jpeg-quality", "bit-depth",
    ]
    let error = #expect(throws: RecipeFileError.self) {
      try file("[sweep]\n" + axes.map { "\($0) = \(values)" }.joined(separator: "\n"))
    }
    #expect(error?.description == "grid.toml: the sweep has more than 10000 cells.")
    let list = "[" + [String](repeating: "1", count: 110).joined(separator: ",") + "]"
    #expect(throws: RecipeFileError.self) {
      try file("[sweep]\nseed = \(list)\niterations = \(list)")
    }
  }

  @Test func cellsAreThoseOfSingleRunsAndComputedOnce() async throws {
    let file = try file("[sweep]\nstyle-weight = [1, 1000]\nseed = [1, 2]")
    let sweep = try Sweep(file, folder: "\(folder)/sweep")
    let outcomes = try await sweep.run(jobs: 2) { _ in }
    #expect(outcomes.count == 4 && outcomes.allSatisfy { $0.problem == nil && !$0.wasThere })
    let single = try RecipeTransfer(RecipeFile(path: outcomes[2].record!.folder.recipe).recipe)
    let data = try await single.transfer.run().picture().encoded(
      single.encoding(path: "a.png", includesMetadata: true), path: "a.png")
    let result = URL(fileURLWithPath: outcomes[2].record!.folder.result)
    #expect(try data == Data(contentsOf: result))
    // One cell is removed, as if the sweep had been stopped in it.
    try FileManager.default.removeItem(at: result)
    let again = try await (Sweep(file, folder: "\(folder)/sweep")).run { _ in }
    #expect(again.map(\.wasThere) == [true, true, false, true])
    #expect(try data == Data(contentsOf: result))
    try sweep.summarize(outcomes)
    let sheet = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/sweep/sheet.png"))
    try sweep.summarize(again)
    // A resumed sweep reads finished pictures and writes the same sheet.
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/sweep/sheet.png")) == sheet)
    let table = try String(contentsOfFile: "\(folder)/sweep/table.csv", encoding: .utf8)
    let lines = table.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("run,style-weight,seed,status,iterations,seconds,total,"))
    #expect(lines[3].hasPrefix("3-style-weight=1000_seed=1,1000,1,finished,2,"))
    #expect(try Picture(contentsOf: "\(folder)/sweep/sheet.png").width > 48)
  }

  /// Cells that differ only in their network use different networks.
  @Test func cellsUseThePreprocessingTheyName() async throws {
    let names = ["caffe", "torchvision"]
    let grid = try file("[sweep]\npreprocessing = [\"caffe\", \"torchvision\"]")
    let outcomes = try await (Sweep(grid, folder: "\(folder)/sweep")).run(jobs: 2) { _ in }
    let totals = outcomes.compactMap { $0.record?.loss }
    #expect(totals.count == 2 && totals.first != totals.last)
    for (name, outcome) in zip(names, outcomes) {
      let single = try file("preprocessing = \"\(name)\"").recipe
      let step = try await RecipeTransfer(single).transfer.run()
      #expect(step.losses.total == outcome.record?.loss, "\(name)")
    }
  }

  @Test func aCellThatFailsDoesNotStopTheOthers() async throws {
    let sweep = try Sweep(
      file("[sweep]\nstyle = [\"missing, and quoted\", \"\(folder)/painting.png\"]"),
      folder: "\(folder)/sweep")
    let outcomes = try await sweep.run { _ in }
    #expect(outcomes.map { $0.record == nil } == [true, false])
    #expect(outcomes[0].problem?.contains("missing") == true)
    try sweep.summarize(outcomes)
    let table = try String(contentsOfFile: "\(folder)/sweep/table.csv", encoding: .utf8)
    #expect(table.contains("\"missing, and quoted\",\"failed: "))
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/sweep").sorted()
    #expect(left.count == 4, "\(left)")
  }

  @Test func anotherSweepsFolderIsRefused() throws {
    let grid = "[sweep]\nseed = [1]"
    _ = try Sweep(file(grid), folder: "\(folder)/sweep")
    _ = try Sweep(file(grid), folder: "\(folder)/sweep")
    #expect(throws: RecordError.self) {
      try Sweep(file("[sweep]\nseed = [2]"), folder: "\(folder)/sweep")
    }
    #expect(throws: RecordError.self) { try Sweep(file(grid), folder: folder) }
    #expect(throws: RecordError.self) { try Sweep(file(""), folder: "\(folder)/other") }
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
  }

  @Test func aCanceledSweepLeavesNoIncompleteCell() async throws {
    let file = try file("[sweep]\nseed = [1, 2, 3]")
    let sweep = try Sweep(file, folder: "\(folder)/sweep")
    let task = Task {
      withUnsafeCurrentTask { $0!.cancel() }
      return try await sweep.run(jobs: 1) { _ in }
    }
    #expect(try await task.value.isEmpty)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder)/sweep") == ["sweep.toml"])
  }

  @Test func twoSweepsInAFolderAreRefused() async throws {
    let file = try file("[sweep]\nseed = [1, 2]")
    let sweep = try Sweep(file, folder: "\(folder)/sweep")
    let other = try Sweep(file, folder: "\(folder)/sweep")
    let lock = try FolderLock("\(folder)/sweep")
    let error = await #expect(throws: FileError.self) { try await other.run { _ in } }
    #expect(error?.description.contains("another process") == true)
    withExtendedLifetime(lock) {}
    _ = sweep
  }

  /// A cell that was stopped leaves its checkpoint, and continues from it.
  @Test func aStoppedCellContinues() async throws {
    let file = try RecipeFile(
      text: """
        content = "\(folder)/photo.png"
        style = "\(folder)/painting.png"
        iterations = 8
        [sweep]
        seed = [1]
        """, path: "grid.toml")
    let whole = try await Sweep(file, folder: "\(folder)/whole").run { _ in }
    let sweep = try Sweep(file, folder: "\(folder)/sweep")
    let cell = "\(folder)/sweep/1-seed=1"
    let task = Task { try await sweep.run(jobs: 1) { _ in } }
    while !FileManager.default.fileExists(atPath: "\(cell)/losses.csv") {
      try await Task.sleep(for: .milliseconds(1))
    }
    task.cancel()
    #expect(try await task.value.isEmpty)
    #expect(FileManager.default.fileExists(atPath: "\(cell)/checkpoint.safetensors"))
    #expect(!FileManager.default.fileExists(atPath: "\(cell)/result.png"))
    let again = try await Sweep(file, folder: "\(folder)/sweep").run { _ in }
    #expect(again.map(\.wasThere) == [false] && again[0].record?.iterations == 8)
    let results = try [whole, again].map {
      try Data(contentsOf: URL(fileURLWithPath: $0[0].record!.folder.result))
    }
    #expect(results[0] == results[1])
    #expect(!FileManager.default.fileExists(atPath: "\(cell)/checkpoint.safetensors"))
  }

  /// A cell that is complete, but of another photo, is not passed off as one of this photo.
  @Test func aChangedPhotoIsNoticed() async throws {
    let file = try file("[sweep]\nseed = [1]")
    _ = try await Sweep(file, folder: "\(folder)/sweep").run { _ in }
    let photo = "\(folder)/photo.png"
    try FileManager.default.removeItem(atPath: photo)
    try FileManager.default.copyItem(atPath: "\(folder)/painting.png", toPath: photo)
    let again = try await Sweep(file, folder: "\(folder)/sweep").run { _ in }
    #expect(again[0].error is ChangedInputError && again[0].record == nil)
    #expect(FileManager.default.fileExists(atPath: "\(folder)/sweep/1-seed=1/result.png"))
  }
}
