import Foundation
import Impasto
import NetworkStore
import Pictures
import Runs
import TestSupport
import Testing

@Suite struct JobTests {
  private static let networks = NetworkCache()
  private let folder: String
  private let recipe: Recipe

  init() throws {
    let fixture = try RunFixture(["photo.png", "painting.png"], width: 32, height: 24, seed: 5)
    folder = fixture.folder
    try FileManager.default.createDirectory(
      atPath: "\(folder)/frames", withIntermediateDirectories: false)
    var recipe = fixture.recipe
    recipe.iterations = 4
    self.recipe = recipe
  }

  private func job(_ change: (inout Recipe) -> Void = { _ in }) -> TransferJob {
    var recipe = recipe
    change(&recipe)
    return TransferJob(recipe: recipe, output: "\(folder)/out.png", networks: Self.networks)
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  private func name(_ event: JobEvent) -> String {
    switch event {
    case .started: "started"
    case .warning: "warning"
    case .step(let step, _): "step \(step.iteration)"
    case .recording: "recording"
    case .finished: "finished"
    case .failed: "failed"
    }
  }

  /// Changes a recipe so that the second step overflows, after a valid first picture.
  private func diverge(_ recipe: inout Recipe) {
    recipe.version = 1
    recipe.model = "vgg16-hed"
    recipe.style = ["spring"]
    recipe.optimizer = .gradientDescent
    recipe.learningRate = 1
    recipe.styleWeight = 1e37
    recipe.start = "noise"
  }

  @Test func eventsComeInOrder() async throws {
    var job = job()
    job.record = "\(folder)/run"
    job.frames = .init(folder: "\(folder)/frames", interval: 3)
    var names: [String] = []
    var seconds: [Double] = []
    var plan: JobPlan?
    var result: JobResult?
    for await event in job.events() {
      names.append(name(event))
      switch event {
      case .started(let started): plan = started
      case .step(_, let time): seconds.append(time)
      case .finished(let finished): result = finished
      case .warning, .recording, .failed: break
      }
    }
    #expect(
      names == ["started", "step 1", "step 2", "step 3", "step 4", "recording", "finished"])
    #expect(plan?.size == PixelSize(width: 32, height: 24) && plan?.iterations == 4)
    #expect(seconds == seconds.sorted() && result?.seconds == seconds.last)
    #expect(result?.output == "\(folder)/out.png" && result?.step.status == .finished)
    #expect(result?.record?.iterations == 4)
    #expect(exists("frames/frame_00003.png") && !exists("frames/frame_00004.png"))
    // The record in memory equals the one on disk.
    let read = try RunRecord("\(folder)/run")
    #expect(read.recipe == result?.record?.recipe)
    #expect(try job.completeRecord()?.iterations == 4)
  }

  /// The picture in memory equals the file's, up to rounding.
  @Test func resultsAreValues() async throws {
    let result = try await job().run()
    let read = try Picture(contentsOf: "\(folder)/out.png")
    for side in [16, 32] {
      let thumbnail = try result.thumbnail(side: side)
      #expect(thumbnail.size.longestSide == side)
      #expect(try thumbnail.pixels == read.thumbnail(side: side).pixels)
    }
  }

  /// Events are not computed ahead of the reader, and a second reader restarts the job.
  @Test func eventsAreComputedOnDemand() async throws {
    let events = job().events()
    var iterator = events.makeAsyncIterator()
    for _ in 0..<2 { _ = await iterator.next() }
    #expect(!exists("out.png"))
    var other = events.makeAsyncIterator()
    let first = try #require(await other.next())
    #expect(name(first) == "started")
  }

  @Test func cancelingKeepsTheLastPicture() async throws {
    var job = job { $0.iterations = 1_000_000 }
    job.record = "\(folder)/run"
    let result = try await cancel(job, after: 2)
    #expect(result?.step.status == .cancelled && result?.step.iteration == 2)
    #expect(result?.record?.iterations == 2 && exists("run/result.png"))
    let read = try Picture(contentsOf: "\(folder)/out.png")
    #expect(try result?.thumbnail(side: 32).pixels == read.thumbnail(side: 32).pixels)
  }

  @Test func aCanceledJobCanLeaveNothing() async throws {
    var job = job { $0.iterations = 1_000_000 }
    job.record = "\(folder)/run"
    job.keepsPartialResult = false
    job.checkpointInterval = nil
    let result = try await cancel(job, after: 2)
    #expect(result?.step.status == .cancelled && result?.record == nil && result?.output == nil)
    #expect(!exists("run") && !exists("out.png"))
  }

  /// Runs a job in a task that is canceled after a number of iterations.
  private func cancel(_ job: TransferJob, after iteration: Int) async throws -> JobResult? {
    try await Task {
      try await job.run { event in
        guard case .step(let step, _) = event, step.iteration == iteration else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }.value
  }

  @Test func errorsCarryTheirSetting() async throws {
    let mistakes: [(key: String?, change: (inout Recipe) -> Void)] = [
      ("iterations", { $0.iterations = 0 }), ("style", { $0.style = ["nowhere"] }),
      ("model", { $0.model = "nothing" }), ("style-layers", { $0.styleLayers = "conv9_1" }),
      ("scales", { ($0.scales, $0.size) = (4, .longestSide(20)) }), ("mask", { $0.mask = [":"] }),
      (nil, { $0.content = "gone" }),
    ]
    for (key, change) in mistakes {
      let failure = await #expect(throws: JobFailure.self) { try await job(change).run() }
      #expect(failure?.key == key && failure?.kept == nil, "\(String(describing: failure))")
      #expect(failure?.description.contains("--") == false)
    }
    #expect(!exists("out.png"))
  }

  @Test func aFailureKeepsTheLastGoodPicture() async throws {
    var job = job(diverge)
    job.record = "\(folder)/run"
    let failure = await #expect(throws: JobFailure.self) { try await job.run() }
    #expect(failure?.cause as? OptimizerError == .notFinite)
    let kept = try #require(failure?.kept)
    #expect(kept.path == "\(folder)/out.png" && kept.iteration >= 1)
    #expect(try Picture(contentsOf: kept.path).size == PixelSize(width: 32, height: 24))
    #expect(try RunRecord("\(folder)/run").iterations == kept.iteration)
  }

  /// A sweep's failed cell must not leave files that look complete.
  @Test func aFailureCanLeaveNothing() async throws {
    var job = job(diverge)
    job.record = "\(folder)/run"
    job.keepsPartialResult = false
    let failure = await #expect(throws: JobFailure.self) { try await job.run() }
    #expect(failure != nil && failure?.kept == nil)
    #expect(!exists("run") && !exists("out.png"))
  }

  @Test func framesNeverReplaceAFile() async throws {
    try FileManager.default.copyItem(
      atPath: "\(folder)/photo.png", toPath: "\(folder)/frames/frame_00002.png")
    var job = job()
    job.frames = .init(folder: "\(folder)/frames", interval: 2)
    let failure = await #expect(throws: JobFailure.self) { try await job.run() }
    #expect(failure?.key == "frames" && failure?.description.contains("frame_00002.png") == true)
    let photo = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/photo.png"))
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/frames/frame_00002.png")) == photo)
    #expect(!exists("out.png"))
  }

  /// A result never replaces a file that it is made from.
  @Test func theResultNeverReplacesAnInput() async throws {
    try FileManager.default.copyItem(
      atPath: "\(folder)/photo.png", toPath: "\(folder)/mask.png")
    try FileManager.default.copyItem(
      atPath: "\(folder)/photo.png", toPath: "\(folder)/start.png")
    var job = job {
      $0.mask = ["\(folder)/mask.png:"]
      $0.start = "\(folder)/start.png"
    }
    for name in ["photo.png", "painting.png", "mask.png", "start.png"] {
      job.output = "\(folder)/\(name)"
      let before = try Data(contentsOf: URL(fileURLWithPath: job.output!))
      let failure = await #expect(throws: JobFailure.self) { try await job.run() }
      #expect(failure?.key == "output", "\(name)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: job.output!)) == before)
    }
  }

  /// Deletes a folder after the first step, so that nothing can be written to it any more, and
  /// returns the warnings.
  private func runWithout(_ lost: String, _ job: TransferJob) async throws -> (
    result: JobResult, warnings: [String]
  ) {
    var warnings: [String] = []
    let result = try await job.run { event in
      switch event {
      case .warning(let text): warnings.append(text)
      case .step(let step, _) where step.iteration == 1:
        try? FileManager.default.removeItem(atPath: "\(folder)/\(lost)")
      default: break
      }
    }
    return (result, warnings)
  }

  @Test func missingFramesCostOneWarning() async throws {
    var job = job()
    job.frames = .init(folder: "\(folder)/frames", interval: 1)
    let (result, warnings) = try await runWithout("frames", job)
    #expect(result.isIncomplete && result.step.iteration == 4)
    #expect(warnings.count == 1 && warnings[0].contains("frames/frame_00002.png"), "\(warnings)")
    let plain = try await self.job().run()
    #expect(!plain.isIncomplete)
    #expect(plain.picture.pixels == result.picture.pixels && exists("out.png"))
  }

  @Test func aMissingRecordCostsOneWarning() async throws {
    var job = job()
    // A slow run must not get to a checkpoint, which cannot be written either.
    job.checkpointInterval = nil
    job.record = "\(folder)/run"
    let (result, warnings) = try await runWithout("run", job)
    #expect(result.isIncomplete && result.record == nil && exists("out.png"))
    #expect(warnings.count == 1 && warnings[0].contains("the record"), "\(warnings)")
    // Without frames there is neither animation nor report, but the result is kept.
    job.output = nil
    let (other, _) = try await runWithout("run/frames", job)
    #expect(other.isIncomplete && exists("run/result.png") && !exists("run/report.html"))
    #expect(try LossLog(path: "\(folder)/run/losses.csv").rows.count == 2)
  }

  @Test func aLossAboveItsStartIsReported() async throws {
    func warnings(_ rate: Double?) async throws -> [String] {
      let job = job {
        $0.optimizer = .gradientDescent
        $0.learningRate = rate
      }
      var warnings: [String] = []
      try await job.run { if case .warning(let text) = $0 { warnings.append(text) } }
      return warnings
    }
    let diverging = try await warnings(1000)
    #expect(diverging.count == 1 && diverging[0].contains("above its start"), "\(diverging)")
    #expect(try await warnings(nil).isEmpty)
  }
}
