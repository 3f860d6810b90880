import Files
import Foundation
import Impasto
import NetworkStore
import Pictures
import Runs
import TestSupport
import Testing

/// A run that continues from a checkpoint gives the bytes of one that was never stopped.
@Suite struct CheckpointTests {
  private static let networks = NetworkCache()
  private let folder: String
  private let recipe: Recipe

  init() throws {
    let fixture = try RunFixture(
      ["photo.png", "painting.png", "mask.png"], width: 37, height: 29, seed: 6)
    folder = fixture.folder
    var recipe = fixture.recipe
    recipe.iterations = 9
    recipe.scales = 2
    recipe.bitDepth = 16
    self.recipe = recipe
  }

  private func job(_ name: String, _ change: (inout Recipe) -> Void = { _ in }) -> TransferJob {
    var recipe = recipe
    change(&recipe)
    return TransferJob(
      recipe: recipe, output: "\(folder)/\(name).png", networks: Self.networks)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  /// Runs a job in a task that is canceled after a number of iterations.
  @discardableResult
  private func stop(_ job: TransferJob, after iteration: Int, from checkpoint: Checkpoint? = nil)
    async throws -> JobResult
  {
    try await Task {
      try await job.run(from: checkpoint) { event in
        guard case .step(let step, _) = event, step.iteration == iteration else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }.value
  }

  /// Stops a job after iterations, continues it, and compares the results.
  private func checkStops(
    _ iterations: some Sequence<Int> = 1..<9, _ change: (inout Recipe) -> Void
  ) async throws {
    let whole = try await job("whole", change).run()
    #expect(!exists("whole.png.checkpoint"))
    for iteration in iterations {
      let name = "stopped\(iteration)"
      let result = try await stop(job(name, change), after: iteration)
      #expect(result.resumable == "\(folder)/\(name).png")
      let checkpoint = try Checkpoint(of: "\(folder)/\(name).png")
      #expect(checkpoint.iteration == iteration)
      let end = try await checkpoint.job.run(from: checkpoint)
      #expect(end.step.evaluations == whole.step.evaluations, "after \(iteration)")
      #expect(end.step.losses == whole.step.losses, "after \(iteration)")
      #expect(try bytes("\(name).png") == bytes("whole.png"), "after \(iteration)")
      #expect(!exists("\(name).png.checkpoint"))
    }
  }

  @Test(arguments: OptimizerName.allCases)
  func everyOptimizerContinues(_ optimizer: OptimizerName) async throws {
    try await checkStops { $0.optimizer = optimizer }
  }

  @Test func aRunInTilesContinues() async throws {
    try await checkStops([3, 8]) { ($0.size, $0.tile) = (.longestSide(150), 96) }
  }

  @Test func aRunWithoutFixedStepsContinues() async throws {
    try await checkStops([7, 20, 35]) {
      $0.iterations = nil
      $0.quality = .draft
    }
  }

  @Test func masksAndNoiseContinue() async throws {
    let folder = folder
    try await checkStops([2, 6]) {
      $0.protect = "\(folder)/mask.png"
      $0.mask = ["\(folder)/mask.png:"]
      $0.start = "noise"
      $0.color = .luminance
      $0.seed = 7
    }
  }

  /// A run can be stopped any number of times.
  @Test func aRunContinuesTwice() async throws {
    try await job("whole").run()
    try await stop(job("twice"), after: 3)
    for iteration in [5, 8] {
      let checkpoint = try Checkpoint(of: "\(folder)/twice.png")
      try await stop(checkpoint.job, after: iteration, from: checkpoint)
    }
    let last = try Checkpoint(of: "\(folder)/twice.png")
    #expect(last.iteration == 8)
    try await last.job.run(from: last)
    #expect(try bytes("twice.png") == bytes("whole.png"))
  }

  /// The record and the frames of a continued run are those of a whole one.
  @Test func theRecordContinues() async throws {
    func recorded(_ name: String) throws -> TransferJob {
      var job = job(name)
      job.output = nil
      job.record = "\(folder)/\(name)"
      let frames = "\(folder)/\(name)-frames"
      try FileManager.default.createDirectory(atPath: frames, withIntermediateDirectories: false)
      job.frames = .init(folder: frames, interval: 2)
      return job
    }
    try await recorded("whole").run()
    try await stop(recorded("stopped"), after: 5)
    // What an earlier process wrote after its last checkpoint is replaced.
    let losses = "\(folder)/stopped/losses.csv"
    let text = try String(contentsOfFile: losses, encoding: .utf8)
    let row = text.split(separator: "\n").last!.replacing(/^5,/, with: "6,")
    try (text + row + "\n7,2,").write(toFile: losses, atomically: false, encoding: .utf8)
    let checkpoint = try Checkpoint(of: "\(folder)/stopped/")
    #expect(checkpoint.job.record == "\(folder)/stopped" && checkpoint.job.output == nil)
    try await checkpoint.job.run(from: checkpoint)
    #expect(try bytes("stopped/result.png") == bytes("whole/result.png"))
    for part in ["/frames", "-frames"] {
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/whole\(part)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/stopped\(part)").sorted()
          == names.sorted())
      for name in names {
        #expect(try bytes("stopped\(part)/\(name)") == bytes("whole\(part)/\(name)"))
      }
    }
    let logs = try ["whole", "stopped"].map { try LossLog(path: "\(folder)/\($0)/losses.csv") }
    #expect(logs[0].rows.map(\.losses) == logs[1].rows.map(\.losses))
    #expect(logs[1].rows.map(\.seconds) == logs[1].rows.map(\.seconds).sorted())
    #expect(!exists("stopped/checkpoint.safetensors"))
  }

  /// A sweep's cell leaves no picture that looks complete, but a checkpoint.
  @Test func aRunWithoutPartialResultsContinues() async throws {
    try await job("whole").run()
    var job = job("cell")
    job.record = "\(folder)/cell"
    job.output = nil
    job.keepsPartialResult = false
    let result = try await stop(job, after: 4)
    #expect(result.output == nil && result.record == nil && !exists("cell/result.png"))
    let checkpoint = try Checkpoint(of: "\(folder)/cell")
    try await checkpoint.job.run(from: checkpoint)
    #expect(
      try Picture(contentsOf: "\(folder)/cell/result.png")
        == Picture(contentsOf: "\(folder)/whole.png"))
  }

  @Test func aChangedInputIsNoticed() async throws {
    try await stop(job("out"), after: 3)
    try FileManager.default.removeItem(atPath: "\(folder)/photo.png")
    try FileManager.default.copyItem(
      atPath: "\(folder)/mask.png", toPath: "\(folder)/photo.png")
    let checkpoint = try Checkpoint(of: "\(folder)/out.png")
    let failure = await #expect(throws: JobFailure.self) {
      try await checkpoint.job.run(from: checkpoint)
    }
    #expect(failure?.cause is ChangedInputError && exists("out.png.checkpoint"))
    // A job of the same settings, like a sweep's cell, has no checksums of its own.
    let other = await #expect(throws: JobFailure.self) {
      try await job("out").run(from: checkpoint)
    }
    #expect(other?.cause is ChangedInputError)
  }

  /// Another run's checkpoint beside the same output is reported, and never removed.
  @Test func anotherRunsCheckpointIsReported() async throws {
    try await stop(job("out"), after: 3)
    let checkpoint = try bytes("out.png.checkpoint")
    var warnings: [String] = []
    var other = job("out") { $0.seed = 2 }
    other.checkpointInterval = .seconds(3600)
    try await other.run {
      if case .warning(let text) = $0 { warnings.append(text) }
    }
    #expect(warnings.count == 1 && warnings[0].contains("out.png.checkpoint"))
    #expect(try bytes("out.png.checkpoint") == checkpoint)
  }

  @Test func damagedCheckpointsAreRefused() async throws {
    #expect(throws: RecordError.self) { try Checkpoint(of: "\(folder)/none.png") }
    try await job("done").run()
    let error = #expect(throws: RecordError.self) { try Checkpoint(of: "\(folder)/done.png") }
    #expect(error?.description.contains("has ended") == true)
    try await stop(job("out"), after: 3)
    let whole = try bytes("out.png.checkpoint")
    let file = URL(fileURLWithPath: "\(folder)/out.png.checkpoint")
    let text = String(decoding: whole.prefix(6000), as: UTF8.self)
    #expect(text.contains("\\\"width\\\":"))
    for (old, new) in [
      ("impasto-checkpoint\":\"1", "impasto-checkpoint\":\"2"),
      ("\\\"width\\\":", "\\\"widht\\\":"), ("\\\"scale\\\":1", "\\\"scale\\\":7"),
      ("change 0", "chance 0"), ("\\\"height\\\":4", "\\\"height\\\":5"),
    ] {
      var data = whole
      let range = try #require(data.range(of: Data(old.utf8)), "\(old)")
      data.replaceSubrange(range, with: Data(new.utf8))
      try data.write(to: file)
      await #expect(throws: (any Error).self, "\(new)") {
        let checkpoint = try Checkpoint(of: "\(folder)/out.png")
        try await checkpoint.job.run(from: checkpoint)
      }
    }
    for count in [0, 4, 200, whole.count / 2, whole.count - 1] {
      try whole.prefix(count).write(to: file)
      #expect(throws: (any Error).self) { try Checkpoint(of: "\(folder)/out.png") }
    }
  }
}
