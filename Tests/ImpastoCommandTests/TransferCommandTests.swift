import Foundation
import Impasto
import Runs
import Testing

@Suite(.serialized) struct TransferCommandTests {
  private let command: Command
  private let photo: String
  private let painting: String

  init() throws {
    command = try Command()
    photo = try command.makePicture("photo.png")
    painting = try command.makePicture("painting.jpg", width: 40, height: 60, seed: 2)
  }

  @Test func repaintsAPhotoAndReports() throws {
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--iterations", "3",
      "--json")
    #expect(run.status == 0)
    let result = try Picture(contentsOf: command.path("out.png"))
    #expect(result.size == PixelSize(width: 48, height: 36))
    #expect(result != (try Picture(contentsOf: photo)))
    let json = try run.json()
    #expect(json["iterations"] as? Int == 3)
    #expect((json["evaluations"] as? Int)! >= 4)
    #expect(json["status"] as? String == "finished")
    #expect(json["model"] as? String == "vgg19-normalized-conv4_1")
    #expect(json["seed"] as? Int == 0)
    #expect(json["output"] as? String == "out.png")
    #expect((json["seconds"] as? Double)! > 0)
    #expect((json["size"] as? [String: Int]) == ["width": 48, "height": 36])
    let losses = try #require(json["losses"] as? [String: Any])
    #expect((losses["total"] as? Double)! > 0)
    #expect(run.errors.contains("keeps its size") && run.errors.contains("iteration 3/3"))
  }

  /// Frames have the result's size at all scales.
  @Test func scalesAndQualityAreReported() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("frames"), withIntermediateDirectories: true)
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--quality", "draft",
      "--scales", "2", "--save-every", "10", "--frames", "frames", "--json", "--quiet")
    #expect(run.status == 0)
    let json = try run.json()
    #expect(json["iterations"] as? Int == 54)
    #expect(json["scales"] as? Int == 2)
    #expect(json["padding"] as? String == "replicate")
    let curve = try #require(json["curve"] as? [[String: Any]])
    #expect(curve.map { $0["iteration"] as? Int } == Array(1...54))
    #expect(
      curve.map { $0["scale"] as? Int }
        == Array(repeating: 1, count: 9) + Array(repeating: 2, count: 45))
    for number in [10, 30] {
      let frame = try Picture(contentsOf: command.path("frames/frame_000\(number).png"))
      #expect(frame.size == PixelSize(width: 48, height: 36))
    }
  }

  @Test func quietSaysNothingAndTheSeedRepeatsTheBytes() throws {
    for name in ["a.png", "b.png"] {
      let run = try command.run(
        "transfer", "photo.png", "--style", "painting.jpg", "-o", name, "--iterations", "2",
        "--init", "noise",
        "--seed", "9223372036854775807", "--quiet")
      #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: command.path("a.png")))
        == Data(contentsOf: URL(fileURLWithPath: command.path("b.png"))))
  }

  @Test func thePrecisionIsRecordedAndRepeated() throws {
    let options = ["transfer", "photo.png", "--style", "painting.jpg", "--iterations", "2"]
    for precision in ["fast", "exact"] {
      let run = try command.start(
        options + ["--precision", precision, "-o", "\(precision).png", "--quiet"]
      ).finish()
      #expect(run.status == 0)
      let again = try command.run(
        "transfer", "--recipe", "\(precision).png", "-o", "again.png", "--quiet")
      #expect(again.status == 0)
      #expect(try command.bytes("again.png") == command.bytes("\(precision).png"))
    }
    func kernels(_ name: String) throws -> String? {
      try RecipeFile(path: command.path(name)).provenance?.madeWith
        .first { $0.key == "kernels" }?.value
    }
    #expect(try RecipeFile(path: command.path("fast.png")).recipe.precision == .fast)
    let elsewhere = try command.start(
      options + ["--precision", "fast", "-o", "plain.png"],
      environment: ["IMPASTO_KERNELS": "plain"]
    ).finish()
    #expect(elsewhere.status == 0 && elsewhere.errors.contains("The precision is exact"))
    // Only what a result was computed with is recorded.
    let exact = try #require(try kernels("exact.png"))
    #expect(!exact.contains("bf16"))
    #expect(try kernels("fast.png")?.replacing("-bf16", with: "") == exact)
  }

  @Test func threadsDoNotChangeTheBytes() throws {
    for threads in ["1", "2", "5"] {
      let run = try command.run(
        "transfer", "photo.png", "--style", "painting.jpg", "-o", "\(threads).png",
        "--iterations", "3", "--threads", threads, "--quiet")
      #expect(run.status == 0)
    }
    func bytes(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: command.path(name)))
    }
    #expect(try bytes("1.png") == bytes("2.png"))
    #expect(try bytes("1.png") == bytes("5.png"))
  }

  @Test(arguments: [
    ["--optimizer", "adam", "--learning-rate", "0.05"],
    ["--optimizer", "gradient-descent"],
    ["--init", "blend", "--noise-ratio", "0.3", "--pooling", "max"],
    ["--init", "painting.jpg", "--style-size", "32"],
    ["--style-layers", "conv1_1:2,11", "--content-layers", "conv2_2:pre", "--tv-weight", "100"],
    ["--normalization", "paper", "--content-weight", "0", "--style-scale", "0.5"],
    ["--style", "great-wave", "--style-blend", "3,7", "--preserve-color"],
    ["--size", "24"], ["--size", "60"], ["--size", "original"],
  ])
  func optionsWork(options: [String]) throws {
    let arguments =
      [
        "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--iterations", "2",
        "--json",
      ] + options
    let run = try command.start(arguments).finish()
    #expect(run.status == 0, "\(run.errors)")
    let result = try Picture(contentsOf: command.path("out.png"))
    let side = options.firstIndex(of: "--size").flatMap { Int(options[$0 + 1]) } ?? 48
    #expect(result.size.longestSide == side)
    if side > 48 { #expect(run.errors.contains("enlarged from 48x36 to 60x45")) }
  }

  /// A picture that does not fit is painted in tiles, which its recipe repeats.
  @Test func littleMemoryMakesTilesThatTheRecipeRepeats() throws {
    func run(_ name: String, _ options: String...) throws -> Command.Outcome {
      try command.start(
        [name, "photo.png", "--style", "painting.jpg", "--iterations", "2", "--scales", "1"]
          + ["--size", "900"] + options
      ).finish()
    }
    let plan = try run("plan", "--json").json()
    let whole = try #require(plan["bytes"] as? Int)
    #expect(plan["tile_side"] == nil && plan["file_bytes"] as? Int == 0)
    let least = try run("transfer", "--memory", "150MB", "-o", "no.png")
    #expect(least.status == 1 && least.errors.contains("photo.png: a result of 900x675 pixels"))
    #expect(!command.exists("no.png"))
    let memory = "\(whole / 1_000_000 - 300)MB"
    let tiled = try run("transfer", "--memory", memory, "-o", "tiled.png")
    #expect(tiled.status == 0 && tiled.errors.contains("tiles of at most"), "\(tiled.errors)")
    #expect(try command.recipe(of: "tiled.png").contains("tile = "))
    let again = try command.run(
      "transfer", "--recipe", "tiled.png", "-o", "again.png", "--quiet")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try command.bytes("again.png") == command.bytes("tiled.png"))
  }

  @Test func aSizeBeyondTheFormatIsRefused() throws {
    let run = try command.run(
      "transfer", "photo.png", "--style", "great-wave", "--size", "16384", "-o", "out.webp",
      "--memory", "500GB")
    #expect(run.status != 0 && run.errors.contains("at most 16383 pixels on a side"))
    #expect(!command.exists("out.webp"))
  }

  @Test func preservedColorIsThePhotos() throws {
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.tiff", "--iterations", "4",
      "--bit-depth", "16",
      "--preserve-color", "--quiet")
    #expect(run.status == 0)
    func differences(_ name: String) throws -> [Float] {
      let values = try Picture(contentsOf: command.path(name)).pixels.elements
      return stride(from: 0, to: values.count, by: 3).map { values[$0] - values[$0 + 2] }
    }
    // Red minus blue is part of the chroma; only clipping may change it.
    let close = zip(try differences("out.tiff"), try differences("photo.png")).filter {
      abs($0 - $1) < 0.01
    }
    #expect(close.count > 48 * 36 * 8 / 10)
  }

  /// A mask with labels instead of white, and a black one, hardly have an effect.
  @Test func aMaskThatCoversNothingIsReported() throws {
    func write(_ name: String, _ value: (Int) -> Float, alpha: Tensor? = nil) throws {
      try Picture(
        pixels: Tensor(shape: [36, 48, 3], elements: (0..<36 * 48 * 3).map { value($0 / 3) }),
        alpha: alpha
      ).write(to: command.path(name))
    }
    try command.makePicture("masked.png")
    try write("labels.png", { $0 % 48 < 20 ? 1.0 / 255 : 0 })
    try write("black.png", { _ in 0 })
    let shape = Tensor(shape: [36, 48], elements: (0..<36 * 48).map { $0 % 48 < 20 ? 1 : 0 })
    try write("shape.png", { _ in 1 }, alpha: shape)
    func run(_ arguments: String...) throws -> String {
      let run = try command.start(
        ["transfer", "masked.png", "--style", "painting.jpg", "-o", "masked-out.png"]
          + ["--iterations", "1"] + arguments
      ).finish()
      #expect(run.status == 0, "\(run.errors)")
      return run.errors
    }
    #expect(try run("--mask", "labels.png").contains("labels.png: the mask covers only 0.16 %"))
    #expect(try run("--mask", "black.png").contains("black.png: the mask covers only 0 %"))
    #expect(try run("--protect", "black.png").contains("black.png: the mask covers only 0 %"))
    #expect(try !run("--mask", "shape.png").contains("covers only"))
    let black = try command.run(
      "transfer", "masked.png", "--style", "masked.png", "--mask", ":black.png", "-o", "no.png",
      "--quiet")
    #expect(black.status == 1 && black.lines.count == 1)
    #expect(black.errors.contains("black.png: the mask is black"))
    // The shape is in the opacity: without total variation and with little context, nothing
    // changes at the other side.
    _ = try run(
      "--mask", "shape.png", "--style-layers", "conv1_1", "--content-layers", "conv1_1",
      "--tv-weight", "0", "--init", "content", "--margin", "0")
    let before = try Picture(contentsOf: command.path("masked.png")).pixels.elements
    let after = try Picture(contentsOf: command.path("masked-out.png")).pixels.elements
    for i in before.indices where i / 3 % 48 > 24 { #expect(abs(before[i] - after[i]) < 0.01) }
    #expect(before.indices.contains { i in i / 3 % 48 < 16 && abs(before[i] - after[i]) > 0.02 })
  }

  @Test func aFullyTransparentPictureIsAnError() throws {
    try Picture(
      pixels: Tensor(shape: [36, 48, 3], repeating: 0.5),
      alpha: Tensor(shape: [36, 48], repeating: 0)
    ).write(to: command.path("nothing.png"))
    for (photo, style) in [("nothing.png", "painting.jpg"), ("painting.jpg", "nothing.png")] {
      let run = try command.run("transfer", photo, "--style", style, "-o", "no.png", "--quiet")
      #expect(run.status == 1 && run.lines.count == 1)
      #expect(run.errors.contains("nothing.png: every pixel is transparent."))
      #expect(!FileManager.default.fileExists(atPath: command.path("no.png")))
    }
  }

  /// `color` keeps straight colors: a picture in its own colors is itself.
  @Test(arguments: ["histogram", "cholesky", "pca", "luminance"])
  func halfTransparentColorsAreNotWashedOut(method: String) throws {
    let picture = Picture(
      pixels: Tensor(
        shape: [8, 8, 3], elements: (0..<192).map { [200.0 / 255, 40.0 / 255, 40.0 / 255][$0 % 3] }),
      alpha: Tensor(shape: [8, 8], repeating: 128.0 / 255))
    try picture.write(to: command.path("solid.png"))
    let run = try command.run(
      "color", "solid.png", "--like", "solid.png", "--method", method, "-o", "solid-out.png")
    #expect(run.status == 0, "\(run.errors)")
    let result = try Picture(contentsOf: command.path("solid-out.png"))
    #expect(
      zip(result.pixels.elements, picture.pixels.elements).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(result.alpha!.elements.allSatisfy { abs($0 - 128.0 / 255) < 1e-6 })
  }

  @Test func transparencyComesBack() throws {
    try command.makePicture("glass.png", alpha: true)
    for name in ["out.png", "out.jpg"] {
      let run = try command.run(
        "transfer", "glass.png", "--style", "painting.jpg", "-o", name, "--iterations", "1",
        "--quiet")
      #expect(run.status == 0)
    }
    let before = try #require(try Picture(contentsOf: command.path("glass.png")).alpha)
    let after = try #require(try Picture(contentsOf: command.path("out.png")).alpha)
    #expect(before == after)
    #expect(try Picture(contentsOf: command.path("out.jpg")).alpha == nil)
  }

  @Test func severalPhotosContinueAfterOneFails() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("out"), withIntermediateDirectories: true)
    try command.makePicture("second.webp", width: 30, height: 30, seed: 3)
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: command.path("broken.png")))
    let run = try command.run(
      "transfer", "photo.png", "broken.png", "second.webp", "--style", "painting.jpg", "-o", "out",
      "--iterations",
      "1", "--json")
    #expect(run.status == 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: command.path("out")).sorted()
        == ["photo.png", "second.webp"])
    #expect(run.errors.contains("impasto: broken.png: "))
    let json = try run.json()
    #expect((json["transfers"] as? [Any])?.count == 2 && json["failed"] as? Int == 1)
  }

  @Test func framesAreWritten() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("frames"), withIntermediateDirectories: true)
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--iterations", "5",
      "--save-every", "2",
      "--frames", "frames", "--quiet")
    #expect(run.status == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: command.path("frames")).sorted()
        == ["frame_00002.png", "frame_00004.png"])
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func interruptionKeepsTheLastPicture(signal: Int32, status: Int32) throws {
    try FileManager.default.createDirectory(
      atPath: command.path("frames"), withIntermediateDirectories: true)
    let running = try command.start([
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--iterations",
      "1000000", "--size", "64",
      "--save-every", "1", "--frames", "frames", "--json",
    ])
    while !command.exists("frames/frame_00002.png"), running.process.isRunning { usleep(20_000) }
    kill(running.process.processIdentifier, signal)
    let run = try running.finish()
    #expect(run.status == status)
    #expect(try Picture(contentsOf: command.path("out.png")).size.longestSide == 64)
    #expect(run.errors.contains("Interrupted"))
    #expect(try run.json()["status"] as? String == "cancelled")
  }

  @Test func lossThatOverflowsStopsWithOneLine() throws {
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--style-weight",
      "1e308", "--quiet")
    #expect(run.status == 1 && run.lines.count == 1 && run.errors.contains("no longer finite"))
    #expect(!command.exists("out.png"))
  }

  /// The first step drives pixels to the ends of their range, where gradients with this weight
  /// overflow.
  @Test func divergenceKeepsTheLastGoodPicture() throws {
    try command.write(Command.divergingRecipe, to: "diverging.toml")
    let run = try command.run(
      "transfer", "photo.png", "--recipe", "diverging.toml", "-o", "out.png", "--quiet")
    #expect(run.status == 1 && run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.contains("The picture after iteration"), "\(run.errors)")
    #expect(try Picture(contentsOf: command.path("out.png")).size.longestSide == 48)
  }

  /// A line search that finds nothing must not pass as convergence.
  @Test func weightsThatAllowNoStepAreAnError() throws {
    let photo = URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../Examples/photos/chelsea.jpg"
    ).standardized.path
    try command.write(
      "style = \"great-wave\"\nsize = 128\nmodel = \"vgg16-hed\"\nstyle-weight = 1e30\n",
      to: "heavy.toml")
    let run = try command.run(
      "transfer", photo, "--recipe", "heavy.toml", "-o", "out.png", "--quiet")
    #expect(run.status == 1 && run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.contains("no step from the start") && !command.exists("out.png"))
  }

  @Test func kernelsOfTheEnvironmentAreCheckedAndAgree() throws {
    let bad = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--quiet",
      environment: ["IMPASTO_KERNELS": "abacus"])
    #expect(
      bad.status == 1 && bad.lines.count == 1 && bad.errors.contains("IMPASTO_KERNELS=abacus"))
    let plain = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "-o", "out.png", "--iterations", "1",
      "--quiet",
      environment: ["IMPASTO_KERNELS": "plain"])
    #expect(plain.status == 0)
  }
}
