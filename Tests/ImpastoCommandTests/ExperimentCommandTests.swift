import Foundation
import Impasto
import Testing

/// Runs reconstructions, textures, colors, presets, layers and animations with the real binary.
@Suite(.serialized) struct ExperimentCommandTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
    try command.makePicture("painting.jpg", width: 40, height: 60, seed: 2)
  }

  @Test func contentIsReconstructedLayerByLayer() throws {
    let run = try command.run(
      "reconstruct", "content", "photo.png", "--layers", "conv1_1…conv3_1,conv2_2", "-o", "out",
      "--iterations", "12", "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: command.path("out")).sorted() == [
        "1-conv1_1.png", "2-conv2_1.png", "3-conv3_1.png", "4-conv2_2.png", "sheet.png",
      ])
    // Deeper layers retain less information about the pixels.
    let photo = try Picture(contentsOf: command.path("photo.png")).pixels.elements
    func error(_ name: String) throws -> Float {
      let result = try Picture(contentsOf: command.path("out/\(name).png")).pixels.elements
      return zip(result, photo).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
    #expect(try error("1-conv1_1") < error("3-conv3_1"))
    let sheet = try Picture(contentsOf: command.path("out/sheet.png"))
    #expect(sheet.width == 4 * 48 + 5 * 12)
    let json = try run.json()
    #expect((json["transfers"] as? [[String: Any]])?.count == 4)
  }

  @Test func styleIsReconstructedFromEverMoreLayers() throws {
    let run = try command.run(
      "reconstruct", "style", "painting.jpg", "--layer", "conv1_1,conv2_1", "-o", "out",
      "--iterations", "2", "--size", "32", "--records", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try command.run("runs", "list", "out").output.contains("out/2-conv2_1"))
    for name in ["1-conv1_1.png", "2-conv2_1.png"] {
      #expect(
        try Picture(contentsOf: command.path("out/\(name)")).size
          == PixelSize(width: 21, height: 32))
    }
    let recipe = try command.run("transfer", "--recipe", "out/2-conv2_1.png", "-o", "again.png")
    #expect(recipe.status == 0)
    #expect(try command.bytes("again.png") == command.bytes("out/2-conv2_1.png"))
  }

  @Test(arguments: [("70x40", 70, 40), ("36", 24, 36), ("original", 40, 60)])
  func texturesHaveAnySize(size: String, width: Int, height: Int) throws {
    let run = try command.run(
      "texture", "painting.jpg", "--size", size, "-o", "out.png", "--iterations", "3", "--json",
      "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try Picture(contentsOf: command.path("out.png")).size
        == PixelSize(width: width, height: height))
    let json = try run.json()
    #expect(
      json["content"] == nil && (json["losses"] as? [String: Any])?["content"] as? Double == 0)
  }

  @Test(arguments: ["luminance", "histogram", "cholesky", "pca"])
  func finishedPicturesTakeColors(method: String) throws {
    let run = try command.run(
      "color", "photo.png", "--like", "painting.jpg", "--method", method, "-o", "out.png")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let photo = try Picture(contentsOf: command.path("photo.png"))
    let other = try Picture(contentsOf: command.path("painting.jpg"))
    let expected = try photo.recolored(like: other, ColorMethod(rawValue: method)!)
    let result = try Picture(contentsOf: command.path("out.png"))
    let error = zip(result.pixels.elements, expected.pixels.elements).map { abs($0 - $1) }.max()!
    // The tolerance is half a level of 255; for luminance, decoding also shrinks the JPEG file.
    #expect(error < (method == "luminance" ? 0.03 : 0.51 / 255))
  }

  @Test(arguments: ["luminance", "histogram", "cholesky", "pca"])
  func transfersKeepColors(method: String) throws {
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "--color", method, "-o", "out.png",
      "--iterations", "2", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try command.recipe(of: "out.png").contains("color = \"\(method)\""))
  }

  @Test func masksAndProtectionAreApplied() throws {
    try command.makeMask("left.png", width: 48, height: 36, whiteColumns: 20)
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "--style", "spring", "--mask",
      "left.png:", "--mask", "left.png", "--protect", "left.png", "-o", "out.png", "--iterations",
      "3", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    let (before, after) = (
      try Picture(contentsOf: command.path("photo.png")).pixels.elements,
      try Picture(contentsOf: command.path("out.png")).pixels.elements
    )
    #expect(before.indices.allSatisfy { $0 / 3 % 48 >= 20 || before[$0] == after[$0] })
  }

  @Test func presetsAreListedAndUsed() throws {
    let list = try command.run("presets")
    #expect(
      list.status == 0 && list.output.contains("gatys") && list.output.contains("Coursera") == false
    )
    let one = try command.run("presets", "coursera")
    #expect(one.output.contains("normalization = \"coursera\""))
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "--preset", "coursera", "-o", "out.png",
      "--iterations", "2", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    let recipe = try command.recipe(of: "out.png")
    for line in [
      "normalization = \"coursera\"", "style-weight = 40", "init = \"blend\"", "noise-ratio = 0.6",
      "iterations = 2", "scales = 1",
    ] {
      #expect(recipe.contains(line), "\(line)")
    }
  }

  @Test func aPresetWithoutItsLayersStops() throws {
    let run = try command.run(
      "transfer", "photo.png", "--style", "painting.jpg", "--preset", "d2l", "-o", "out.png")
    #expect(run.status != 0 && run.lines.count == 1)
    #expect(run.errors.contains("conv4_4") && run.errors.contains("vgg19"), "\(run.errors)")
    #expect(!command.exists("out.png"))
  }

  @Test func layersAreInspected() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("images"), withIntermediateDirectories: true)
    try command.makePicture("images/a.png", width: 64, height: 64, seed: 3)
    try command.makePicture("images/b.jpg", width: 70, height: 50, seed: 4)
    let patches = try command.run(
      "inspect", "layer", "conv3_2", "--unit", "17", "--images", "images", "-o", "patches.png")
    #expect(patches.status == 0, "\(patches.errors)")
    #expect(try Picture(contentsOf: command.path("patches.png")).width == 3 * 160 + 4 * 12)
    let maps = try command.run(
      "inspect", "layer", "conv2_1", "--picture", "photo.png", "-o", "maps.png")
    #expect(maps.status == 0, "\(maps.errors)")
    #expect(try Picture(contentsOf: command.path("maps.png")).width == 16 * 80 + 17 * 12)
  }

  @Test(arguments: ["gif", "webp"])
  func framesBecomeAnAnimation(format: String) throws {
    try FileManager.default.createDirectory(
      atPath: command.path("frames"), withIntermediateDirectories: true)
    for seed in 1...3 { try command.makePicture("frames/\(seed).png", seed: UInt64(seed)) }
    let run = try command.run(
      "animate", "frames", "-o", "out.\(format)", "--size", "24", "--seconds", "0.5")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try Picture(contentsOf: command.path("out.\(format)")).size
        == PixelSize(width: 24, height: 18))
  }

  @Test func withoutFfmpegThereIsOneLine() throws {
    try command.makePicture("frames.png")
    let run = try command.run(
      "animate", ".", "-o", "out.mp4", environment: ["PATH": command.folder.path])
    #expect(run.status == 1 && run.lines.count == 1 && run.errors.contains("ffmpeg"))
  }

  static let mistakes: [(arguments: String, says: [String])] = [
    ("reconstruct content missing.png -o out", ["missing.png"]),
    ("reconstruct content photo.png --layers conv9_1 -o out", ["--layers", "conv9_1"]),
    ("reconstruct content photo.png --layers conv1_1…conv1_2 -o out", ["--layers", "same layer"]),
    ("reconstruct content photo.png -o photo.png", ["photo.png", "exists"]),
    ("reconstruct style nothing -o out", ["nothing", "impasto styles"]),
    ("reconstruct content photo.png --iterations 0 -o out", ["--iterations"]),
    ("texture painting.jpg --size 0x3 -o out.png", ["--size"]),
    ("texture painting.jpg --size 3x3 -o out.png", ["3x3", "too small"]),
    ("texture painting.jpg", ["--output"]),
    ("color photo.png --like missing.jpg -o out.png", ["missing.jpg"]),
    ("color photo.png --like painting.jpg --method best -o out.png", ["--method", "pca"]),
    ("color photo.png --like painting.jpg -o painting.jpg", ["painting.jpg", "overwritten"]),
    ("transfer photo.png --style painting.jpg --size 3x4 -o out.png", ["--size", "shape"]),
    ("transfer photo.png --style painting.jpg --preset x -o out.png", ["preset x", "gatys"]),
    ("transfer photo.png --style painting.jpg --recipe x.toml -o out.png", ["x.toml", "no such"]),
    ("transfer --recipe photo.png -o out.png", ["photo.png", "no recipe"]),
    ("transfer --recipe bad.toml -o out.png", ["bad.toml, line 2, column 1", "stile"]),
    ("transfer --recipe grid.toml -o out.png", ["grid.toml", "impasto sweep"]),
    ("transfer photo.png --style painting.jpg --mask x.png -o out.png", ["x.png"]),
    (
      "transfer photo.png --style painting.jpg --mask painting.jpg -o out.png", ["--mask", "shape"]
    ),
    ("transfer photo.png --style painting.jpg --protect painting.jpg -o out.png", ["--protect"]),
    ("transfer photo.png --style painting.jpg --color sepia -o out.png", ["--color", "pca"]),
    ("transfer photo.png --style painting.jpg --run photo.png", ["photo.png", "exists"]),
    (
      "transfer photo.png --style painting.jpg --run photo.png/run",
      ["photo.png/run", "not a writable folder"]
    ),
    ("transfer photo.png photo.png --style painting.jpg --run out", ["--run", "single"]),
    ("sweep missing.toml -o out", ["missing.toml", "no such"]),
    ("sweep photo.toml -o out", ["photo.toml", "[sweep]"]),
    ("sweep grid.toml -o photo.png", ["photo.png", "not a sweep's"]),
    ("sweep grid.toml -o out --jobs 0", ["--jobs"]),
    ("runs list nowhere", ["nowhere", "no runs"]),
    ("runs show photo.png", ["photo.png", "not a run's folder"]),
    ("animate nowhere -o out.gif", ["nowhere", "no pictures"]),
    ("animate . -o out.png", ["out.png", ".gif"]),
    ("animate . -o out.gif --size 2", ["--size"]),
    ("animate . -o out.gif --seconds 0", ["--seconds"]),
    ("inspect layer conv9_1 --picture photo.png -o out.png", ["conv9_1"]),
    ("inspect layer conv1_1 --unit 64 --images . -o out.png", ["unit 64", "63"]),
    ("inspect layer conv1_1 --unit 3 -o out.png", ["--images"]),
    ("inspect layer conv1_1 -o out.png", ["--picture"]),
    ("inspect layer conv1_1 --unit 3 --images nowhere -o out.png", ["nowhere"]),
    ("presets x", ["preset x", "gatys"]),
  ]

  /// Layers are those of the default network, or of the other shipped one for those that it lacks.
  @Test(arguments: [("conv3_4", false), ("conv5_1", true), ("conv4_1", false)])
  func theNetworkHasTheLayers(layer: String, isOther: Bool) throws {
    let commands = [
      ["reconstruct", "content", "photo.png", "--layers", layer, "--iterations", "1", "-o", "out"],
      ["inspect", "layer", layer, "--picture", "photo.png", "-o", "out.png"],
    ]
    for arguments in commands {
      let run = try command.start(arguments).finish()
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("The network is vgg16-hed") == isOther, "\(run.errors)")
    }
  }

  @Test(arguments: mistakes)
  func oneLineNamesTheMistake(arguments: String, says: [String]) throws {
    try command.write("size = 3\nstile = 4\n", to: "bad.toml")
    try command.write("content = \"photo.png\"\n", to: "photo.toml")
    try command.write("content = \"photo.png\"\n[sweep]\nseed = [1]\n", to: "grid.toml")
    let before = try command.files()
    let run = try command.start(arguments.split(separator: " ").map(String.init)).finish()
    #expect(run.status != 0 && run.status < 128, "\(run.status)")
    #expect(run.lines.count == 1, "\(run.errors)")
    for word in says { #expect(run.errors.contains(word), "\(run.errors)") }
    #expect(run.output.isEmpty)
    #expect(try command.files() == before)
  }
}
