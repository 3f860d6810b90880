import Foundation
import Impasto
import Testing

/// Every mistake gives one line that names it and a nonzero status, and leaves no files.
@Suite(.serialized) struct BadInputTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
    try command.makePicture("painting.jpg", seed: 2)
    try command.makePicture("dot.png", width: 1, height: 1)
    let whole = try Data(contentsOf: URL(fileURLWithPath: command.path("painting.jpg")))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: command.path("truncated.jpg")))
    try Data().write(to: URL(fileURLWithPath: command.path("empty.png")))
    try Data("text".utf8).write(to: URL(fileURLWithPath: command.path("text.png")))
    try FileManager.default.createDirectory(
      atPath: command.path("folder"), withIntermediateDirectories: true)
  }

  static let mistakes: [(arguments: String, says: [String])] = [
    ("missing.jpg --style painting.jpg -o out.png", ["missing.jpg", "no such file"]),
    ("empty.png --style painting.jpg -o out.png", ["empty.png"]),
    ("text.png --style painting.jpg -o out.png", ["text.png", "no JPEG, PNG"]),
    ("truncated.jpg --style painting.jpg -o out.png", ["truncated.jpg", "damaged"]),
    ("folder --style painting.jpg -o out.png", ["folder", "has no pictures"]),
    ("dot.png --style painting.jpg -o out.png", ["dot.png", "1x1", "at least 8x8"]),
    ("photo.png --style missing.jpg -o out.png", ["missing.jpg", "impasto styles"]),
    ("photo.png --style dot.png -o out.png", ["dot.png", "at least 8x8"]),
    ("photo.png --style truncated.jpg -o out.png", ["truncated.jpg"]),
    ("photo.png -o out.png", ["--style"]),
    ("photo.png --style painting.jpg", ["--output"]),
    ("--style painting.jpg -o out.png", ["<photos>"]),
    ("photo.png --style painting.jpg -o out.gif", ["out.gif", ".png"]),
    (
      "photo.png --style painting.jpg -o nowhere/out.png",
      ["nowhere/out.png", "No such file or directory"]
    ),
    ("photo.png dot.png --style painting.jpg -o nowhere", ["nowhere", "no such folder"]),
    ("photo.png folder/../photo.png --style painting.jpg -o folder", ["folder/photo.png"]),
    ("photo.png --style painting.jpg -o photo.png", ["photo.png", "overwritten"]),
    ("photo.png --style painting.jpg -o painting.jpg", ["painting.jpg", "overwritten"]),
    ("photo.png --style painting.jpg -o link.png", ["link.png", "overwritten"]),
    ("photo.png --style painting.jpg -o out.png --init missing.png", ["missing.png"]),
    ("photo.png --style painting.jpg -o out.png --iteration 3", ["--iteration", "--iterations"]),
    ("photo.png --style painting.jpg -o out.png --iterations 0", ["--iterations"]),
    ("photo.png --style painting.jpg -o out.png --iterations many", ["--iterations", "many"]),
    ("photo.png --style painting.jpg -o out.png --quality superb", ["--quality", "draft"]),
    (
      "photo.png --style painting.jpg -o out.png --quality best --iterations 9",
      ["--quality", "--iterations"]
    ),
    ("photo.png --style painting.jpg -o out.png --scales 0", ["--scales"]),
    ("photo.png --style painting.jpg -o out.png --scales 7", ["photo.png", "--scales 7", "8x8"]),
    ("photo.png --style painting.jpg -o out.png --scales 4000", ["--scales 4000", "180"]),
    ("photo.png --style painting.jpg -o out.png --margin=-1", ["--margin", "1000"]),
    ("photo.png --style painting.jpg -o out.png --margin 1001", ["--margin 1001", "1000"]),
    ("photo.png --style painting.jpg -o out.png --padding none", ["--padding", "replicate"]),
    ("photo.png --style painting.jpg -o out.png --size 0", ["--size"]),
    (
      "photo.png --style painting.jpg -o out.png --size 10000000",
      ["photo.png", "memory", "size of at most"]
    ),
    ("photo.png --style painting.jpg -o out.png --style-size 0", ["--style-size"]),
    ("photo.png --style painting.jpg -o out.png --style-scale -1", ["--style-scale"]),
    (
      "photo.png --style painting.jpg -o out.png --style-scale 1 --style-size 9",
      ["--style-scale", "--style-size"]
    ),
    ("photo.png --style painting.jpg -o out.png --content-weight=-1", ["--content-weight"]),
    ("photo.png --style painting.jpg -o out.png --style-weight nan", ["--style-weight"]),
    ("photo.png --style painting.jpg -o out.png --tv-weight inf", ["--tv-weight"]),
    (
      "photo.png --style painting.jpg -o out.png --content-weight 0 --style-weight 0 --tv-weight 0",
      ["all 0"]
    ),
    (
      "photo.png --style painting.jpg -o out.png --style-layers conv9_1",
      ["--style-layers", "conv9_1", "relu4_1"]
    ),
    (
      "photo.png --style painting.jpg -o out.png --content-layers conv4_2:-1",
      ["--content-layers", "conv4_2"]
    ),
    ("photo.png --style painting.jpg -o out.png --optimizer sgd", ["--optimizer", "sgd", "adam"]),
    ("photo.png --style painting.jpg -o out.png --learning-rate 1", ["--learning-rate", "lbfgs"]),
    (
      "photo.png --style painting.jpg -o out.png --optimizer adam --learning-rate 0",
      ["--learning-rate"]
    ),
    ("photo.png --style painting.jpg -o out.png --noise-ratio 0.5", ["--noise-ratio", "blend"]),
    ("photo.png --style painting.jpg -o out.png --init blend --noise-ratio 2", ["--noise-ratio"]),
    ("photo.png --style painting.jpg -o out.png --seed -1", ["--seed"]),
    ("photo.png --style painting.jpg -o out.png --seed 9223372036854775808", ["--seed"]),
    ("photo.png --style painting.jpg -o out.png --jpeg-quality 90", ["--jpeg-quality", "out.png"]),
    ("photo.png --style painting.jpg -o out.jpg --jpeg-quality 101", ["--jpeg-quality"]),
    ("photo.png --style painting.jpg -o out.jpg --bit-depth 16", ["--bit-depth", "out.jpg"]),
    ("photo.png --style painting.jpg -o out.png --bit-depth 12", ["--bit-depth"]),
    ("photo.png --style painting.jpg -o out.png --save-every 2", ["--frames"]),
    ("photo.png --style painting.jpg -o out.png --save-every 2 --frames nowhere", ["nowhere"]),
    ("photo.png --style painting.jpg -o out.png --style-blend 1,2", ["--style-blend"]),
    ("photo.png --style painting.jpg -o out.png --style-blend 0", ["--style-blend"]),
    (
      "photo.png --style painting.jpg -o out.png --model missing",
      ["--model", "missing", "vgg16-hed"]
    ),
    ("photo.png --style painting.jpg -o out.png --model text.png", ["text.png", "safetensors"]),
    ("photo.png --style painting.jpg -o out.png --model folder", ["folder"]),
  ]

  private static let tooLarge: [(arguments: String, says: [String])] = [
    (
      "transfer photo.png --style painting.jpg -o out.png --style-size 3000000",
      ["painting.jpg", "memory"]
    ),
    (
      "transfer photo.png --style painting.jpg -o out.png --size 9223372036854775807", ["--size"]
    ),
    (
      "transfer photo.png --style painting.jpg -o out.png --style-size 9223372036854775807",
      ["--style-size"]
    ),
    (
      "score photo.png --content photo.png --style painting.jpg --size 3000000",
      ["photo.png", "memory"]
    ),
    (
      "score photo.png --content photo.png --style painting.jpg --style-size 3000000",
      ["painting.jpg", "memory"]
    ),
    ("score dot.png --content dot.png --style painting.jpg", ["dot.png", "at least 16x16"]),
  ]

  /// Pictures that do not fit in memory are refused before decoding, even for absurd sizes.
  @Test(arguments: tooLarge)
  func sizesBeyondTheMemoryAreErrors(arguments: String, says: [String]) throws {
    let run = try command.start(arguments.split(separator: " ").map(String.init)).finish()
    #expect(run.status != 0 && run.status < 128, "\(run.status)")
    for word in says { #expect(run.errors.contains(word), "\(run.errors)") }
    #expect(run.lines.filter { $0.hasPrefix("impasto: ") }.count == 1)
    #expect(!run.errors.contains("Fatal error") && !command.exists("out.png"))
  }

  @Test(arguments: mistakes)
  func oneLineNamesTheMistake(arguments: String, says: [String]) throws {
    try FileManager.default.createSymbolicLink(
      atPath: command.path("link.png"), withDestinationPath: command.path("photo.png"))
    let before = try command.files()
    let run = try command.start(
      ["transfer", "--quiet"] + arguments.split(separator: " ").map(String.init)
    ).finish()
    #expect(run.status != 0 && run.status < 128, "\(run.status)")
    #expect(run.lines.count == 1, "\(run.errors)")
    for word in says { #expect(run.errors.contains(word), "\(run.errors)") }
    #expect(run.output.isEmpty)
    #expect(try command.files() == before)
  }

  @Test func aFileThatMayNotGrowLeavesNothingHalfWritten() throws {
    let run = try command.run(
      "-c", "ulimit -f 1; exec \"$0\" \"$@\"", command.executable.path, "transfer", "photo.png",
      "--style",
      "painting.jpg", "-o", "out.png", "--iterations", "1", "--quiet", "--size", "64",
      through: URL(fileURLWithPath: "/bin/sh"))
    #expect(run.status == 1)
    #expect(
      run.lines.count == 1 && run.errors.contains("out.png")
        && run.errors.contains("File too large"))
    #expect(try command.files().filter { $0.hasPrefix("out") }.isEmpty)
  }

  @Test func unknownCommandsAreOneLine() throws {
    let run = try command.run("transfr")
    #expect(run.status != 0 && run.lines.count == 1 && run.errors.contains("transfr"))
  }
}
