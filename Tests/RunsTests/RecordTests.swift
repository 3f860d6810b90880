import Files
import Foundation
import Impasto
import ModelFiles
import NetworkStore
import Pictures
import Runs
import TestSupport
import Testing

@Suite struct RecordTests {
  private static let networks = NetworkCache()
  private let folder: String
  private let recipe: Recipe

  init() throws {
    let fixture = try RunFixture(["photo.png", "painting.png"], width: 32, height: 24, seed: 3)
    folder = fixture.folder
    var recipe = fixture.recipe
    recipe.iterations = 12
    recipe.scales = 2
    recipe.margin = 2
    self.recipe = recipe
  }

  private func prepared(_ recipe: Recipe? = nil) throws -> RecipeTransfer {
    try RecipeTransfer(recipe ?? self.recipe, networks: Self.networks)
  }

  private func record(_ name: String, _ recipe: Recipe? = nil) async throws -> RunRecord {
    let prepared = try prepared(recipe)
    var recorder = try RunRecorder(folder: "\(folder)/\(name)", prepared)
    var last: TransferStep?
    for try await step in prepared.transfer.steps() {
      try recorder.record(step, seconds: Double(step.iteration) / 8)
      last = step
    }
    try await recorder.finish(last!, last!.picture())
    return try RunRecord("\(folder)/\(name)")
  }

  @Test func aRunsRecordIsWholeAndRepeatsIt() async throws {
    let record = try await record("run")
    #expect(record.folder.isComplete && record.iterations == 12 && record.seconds == 1.5)
    #expect(record.losses.map(\.name).prefix(4) == ["total", "content", "style", "tv"])
    #expect(record.losses.count == 4 + 1 + 4 && record.losses.allSatisfy { $0.value > 0 })
    // All settings are resolved, so that other defaults do not change the run.
    #expect(record.recipe.scales == 2 && record.recipe.size == .longestSide(32))
    #expect(record.recipe.styleWeight == 100 && record.recipe.start == "recolored")
    let file = try RecipeFile(path: record.folder.recipe)
    let again = try RecipeTransfer(file.recipe, recorded: file)
    #expect(again.recipe == record.recipe)
    let picture = try await again.transfer.run().picture()
    let data = try picture.encoded(
      again.encoding(path: record.folder.result, includesMetadata: true), path: "again.png")
    #expect(try data == Data(contentsOf: URL(fileURLWithPath: record.folder.result)))
    #expect(try RecipeFile(path: record.folder.result).recipe == record.recipe)
    let frames = try FrameSequence(folder: record.folder.path)
    #expect(frames.files.count == 12)
    #expect(frames.positions.first == 0 && frames.positions.last == 1)
    #expect(frames.positions == frames.positions.sorted())
  }

  @Test func aFolderThatExistsIsNeverTouched() throws {
    for name in ["there", "there/"] {
      try? FileManager.default.createDirectory(
        atPath: "\(folder)/there", withIntermediateDirectories: true)
      #expect(throws: FileError.self) { try RunRecorder(folder: "\(folder)/\(name)", prepared()) }
    }
    #expect(throws: FileError.self) {
      try RunRecorder(folder: "\(folder)/photo.png", prepared())
    }
    #expect(throws: FileError.self) {
      try RunRecorder(folder: "\(folder)/photo.png/run", prepared())
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/there").isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
  }

  /// Parent folders are created with a record, and removed with it.
  @Test func foldersAroundARecordAreMade() throws {
    let recorder = try RunRecorder(folder: "\(folder)/a/b/run/", prepared())
    #expect(FileManager.default.fileExists(atPath: "\(folder)/a/b/run/recipe.toml"))
    recorder.abandon()
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/a"))
    #expect(FileManager.default.fileExists(atPath: "\(folder)/photo.png"))
  }

  /// The message is the second SHA-256 example of FIPS 180-4, with 56 characters.
  @Test func digestsAreTheStandards() throws {
    let model = "\(folder)/message"
    try Data("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8).write(
      to: URL(fileURLWithPath: model))
    #expect(
      try FileDigest.sha256(ofFile: model)
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(throws: FileError.self) { try FileDigest.sha256(ofFile: "\(folder)/missing") }
  }

  @Test func filesThatChangedAreNoticed() async throws {
    let record = try await record("run")
    let file = try RecipeFile(path: record.folder.recipe)
    try Picture(contentsOf: "\(folder)/photo.png").cropped(by: Margins(2)).write(
      to: "\(folder)/photo.png")
    let error = #expect(throws: ChangedInputError.self) {
      try RecipeTransfer(file.recipe, recorded: file)
    }
    #expect(error?.input == "\(folder)/photo.png" && error?.recipe == record.folder.recipe)
    #expect(error?.description.contains("photo.png") == true)
    // Without the record's checksums a changed file is accepted.
    _ = try RecipeTransfer(file.recipe)
  }

  /// A painting is used at its own size, whether that is larger or smaller than the photo's.
  @Test(arguments: [80, 24])
  func paintingsAreUsedAtTheirSize(side: Int) async throws {
    var recipe = recipe
    recipe.scales = 1
    recipe.iterations = 2
    recipe.styleSize = side
    let step = try await prepared(recipe).transfer.run()
    let painting = try PictureFile(recipe.style![0])
    let size = painting.size.scaled(toLongestSide: side)
    let direct = try await StyleTransfer(
      content: Picture(contentsOf: recipe.content!), styles: [painting.decoded(size)],
      options: TransferOptions(
        longestSide: nil, styleSize: .longestSide(side), iterations: 2, scales: 1, margin: 2),
      network: .shipped(pooling: .max, padding: .replicate)
    ).run()
    #expect(step.losses == direct.losses)
  }

  @Test func runsAreCompared() async throws {
    var other = recipe
    other.styleWeight = 10
    other.quality = nil
    let records = try await [record("a"), record("b", other)]
    let comparison = RunComparison(records)
    #expect(
      comparison.header == [
        "run", "style-weight", "steps", "seconds", "total", "content", "style", "tv",
      ])
    #expect(comparison.rows.map { $0[1] } == ["100", "10"])
    #expect(
      try comparison.contactSheet().cells.map(\.label) == ["style-weight=100", "style-weight=10"])
    #expect(try RunRecord.all(in: folder).map(\.folder.path) == ["\(folder)/a", "\(folder)/b"])
  }

  @Test func aTableOfLossesComesBack() async throws {
    let record = try await record("run")
    let text = try String(contentsOfFile: record.folder.losses, encoding: .utf8)
    let log = try LossLog(path: record.folder.losses)
    #expect(log.csv == text && log.rows.map(\.iteration) == Array(1...12))
    #expect(log.rows.map(\.scale) == [1, 1] + Array(repeating: 2, count: 10))
    for broken in [
      "", "a,b\n", "iteration,scale,evaluations,seconds\n1,2\n",
      "iteration,scale,evaluations,seconds\n1,2,3,x\n",
      "iteration,scale,evaluations,seconds\n1e300,2,3,4\n",
    ] {
      try broken.write(toFile: "\(folder)/broken.csv", atomically: true, encoding: .utf8)
      #expect(throws: RecordError.self) { try LossLog(path: "\(folder)/broken.csv") }
    }
  }

  @Test(arguments: ["png", "jpg", "tiff", "webp"])
  func picturesCarryTheirRecipe(format: String) throws {
    var recipe = recipe
    recipe.styleLayers = "conv1_1"
    recipe.seed = .max
    let prepared = try prepared(recipe)
    let path = "\(folder)/out.\(format)"
    let picture = try Picture(contentsOf: recipe.content!)
    try picture.write(to: path, prepared.encoding(path: path, includesMetadata: true))
    let file = try RecipeFile(path: path)
    #expect(file.recipe == prepared.recipe && file.provenance == prepared.provenance)
    try picture.write(to: path, prepared.encoding(path: path, includesMetadata: false))
    #expect(throws: RecipeFileError.self) { try RecipeFile(path: path) }
  }

  @Test func metadataSurviveAnyText() {
    let text = "a = \"<&>'\u{E9}\u{1F600} ]]>\"\n# \u{2028} &lt;\n"
    #expect(RecipeMetadata.recipe(in: RecipeMetadata.packet(text)) == text)
    for other in ["", "<x", "<recipe>a</recipe>", "\u{0}"] {
      #expect(RecipeMetadata.recipe(in: other) == nil)
    }
  }

  /// The values are the check value of RFC 3720's polynomial for the digits 1 to 9, and the one for
  /// 32 zeros in its appendix B.4.
  @Test func checksumsAreTheStandards() {
    #expect(CRC32C.checksum(Data("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum(Data(repeating: 0, count: 32)) == 0x8A91_36AA)
  }

  @Test func framesGrowApart() {
    var schedule = FrameSchedule()
    let frames = (1...500).filter { schedule.hasFrame(iteration: $0, scale: 1, isLast: $0 == 500) }
    #expect(frames.prefix(10) == Array(1...10)[...] && frames.last == 500)
    #expect(frames.count > 40 && frames.count < 60)
    let steps = zip(frames, frames.dropFirst()).map { $1 - $0 }.dropLast()
    #expect(Array(steps) == steps.sorted())
  }

  /// Repeated frames do not slow down an animation.
  @Test func animationsChangeEvenly() throws {
    let frames = "\(folder)/frames"
    try FileManager.default.createDirectory(atPath: frames, withIntermediateDirectories: true)
    for (number, value) in [Float(0), 0, 0, 0.5, 0.5, 1].enumerated() {
      try Picture(pixels: Tensor(shape: [16, 20, 3], repeating: value)).write(
        to: "\(frames)/\(number).png")
    }
    let sequence = try FrameSequence(folder: folder)
    let animation = try sequence.animation(longestSide: 10, seconds: 1)
    #expect(
      animation.frames.count == 12 && animation.frames[0].size == PixelSize(width: 10, height: 8))
    let values = animation.frames.map { $0.pixels.elements[0] }
    for (number, value) in values.enumerated() { #expect(abs(value - Float(number) / 11) < 0.01) }
    #expect(sequence.selection(3).map { $0.path.suffix(5) } == ["0.png", "3.png", "5.png"])
  }
}
