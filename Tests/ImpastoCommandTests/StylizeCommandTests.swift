import Foundation
import Impasto
import Pictures
import TestSupport
import Testing

/// `impasto stylize` with shipped and foreign networks, and its mistakes.
@Suite struct StylizeCommandTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.png", width: 61, height: 43)
    try command.makePicture("painting.png", width: 70, height: 50, seed: 7)
  }

  private func stylize(_ options: String...) throws -> Command.Outcome {
    try command.start(["stylize"] + options).finish()
  }

  private func picture(_ name: String) throws -> Picture {
    try Picture(contentsOf: command.path(name))
  }

  @Test func everyKindOfStyleRepaints() throws {
    let variables = StylizerFiles.path("variables")
    let styles = [
      ("blue-strokes", "styles"), ("great-wave", "styles"), ("spring", "any-painting"),
      ("painting.png", "any-painting"),
      (StylizerFiles.path("johnson.pth"), "johnson.pth"),
      (StylizerFiles.path("rows.onnx") + ":3", "rows.onnx"), (variables, "variables"),
    ]
    for (style, network) in styles {
      let run = try stylize("photo.png", "--style", style, "-o", "out.png")
      #expect(run.status == 0 && run.errors.contains(network), "\(run.errors)")
      #expect(try picture("out.png").size == PixelSize(width: 61, height: 43))
      #expect(try picture("out.png") != picture("photo.png"))
    }
  }

  @Test func blendsLieBetweenTheirStyles() throws {
    let rows = StylizerFiles.path("rows.onnx")
    #expect(try stylize("photo.png", "--style", "\(rows):1", "-o", "a.png").status == 0)
    let same = try stylize(
      "photo.png", "--style", "\(rows):1", "--style", "\(rows):4", "--style-blend", "1,0", "-o",
      "same.png")
    #expect(same.status == 0, "\(same.errors)")
    #expect(try picture("same.png") == picture("a.png"))
    let half = try stylize(
      "photo.png", "--style", "\(rows):1", "--style", "\(rows):4", "-o", "half.png")
    #expect(half.status == 0)
    #expect(try picture("half.png") != picture("a.png"))
  }

  @Test func noStrengthKeepsThePhoto() throws {
    let none = try stylize(
      "photo.png", "--style", "embers", "--strength", "0", "-o", "none.png")
    #expect(none.status == 0, "\(none.errors)")
    #expect(try picture("none.png") == picture("photo.png"))
  }

  @Test func aResultRepeatsFromItsRecipe() throws {
    let first = try stylize(
      "photo.png", "--style", "painting.png", "--style", "great-wave", "--style-blend", "3,1",
      "--strength", "0.7", "--color-before", "pca", "--color", "luminance", "--size", "50",
      "--precision", "fast", "-o", "first.png")
    #expect(first.status == 0, "\(first.errors)")
    let again = try stylize("--recipe", "first.png", "-o", "again.png")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try command.bytes("first.png") == command.bytes("again.png"))
    let other = try command.run("transfer", "--recipe", "first.png", "-o", "other.png")
    #expect(other.status != 0 && other.errors.contains("impasto stylize"))
    try command.makePicture("painting.png", width: 70, height: 50, seed: 8)
    let changed = try stylize("--recipe", "first.png", "-o", "changed.png")
    #expect(changed.status == 64 && changed.errors.contains("painting.png"))
    #expect(!command.exists("changed.png") && !command.exists("other.png"))
  }

  /// A setting that has no effect is a mistake.
  @Test func settingsOfTheOtherMethodAreRefused() throws {
    try command.write("style = \"painting.png\"\nstrength = 0.5\n", to: "transfer.toml")
    try command.write(
      "method = \"one-pass\"\nstyle = \"painting.png\"\niterations = 5\n", to: "stylize.toml")
    for (name, recipe, key) in [
      ("transfer", "transfer.toml", "strength"), ("stylize", "stylize.toml", "iterations"),
    ] {
      let run = try command.run(name, "photo.png", "--recipe", recipe, "-o", "out.png")
      #expect(run.status != 0 && run.lines.count == 1, "\(run.errors)")
      #expect(run.errors.contains("\(key): applies only to"), "\(run.errors)")
      #expect(!command.exists("out.png"))
    }
  }

  @Test func foldersOfPhotosAndReports() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("photos"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: command.path("out"), withIntermediateDirectories: true)
    try command.makePicture("photos/a.png", width: 30, height: 40)
    try command.makePicture("photos/b.jpg", width: 20, height: 9)
    let run = try stylize("photos", "--style", "russet", "-o", "out", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let results = try run.json()["results"] as? [[String: Any]]
    #expect(results?.compactMap { $0["output"] as? String } == ["out/a.png", "out/b.jpg"])
    #expect(run.errors.contains("[2/2] out/b.jpg: 20x9"))
  }

  /// A picture that does not fit in the memory is repainted in tiles, with the same result.
  @Test func littleMemoryMakesTiles() throws {
    try command.makePicture("large.png", width: 401, height: 303)
    let style = ["--style", "blue-strokes"]
    let whole = try command.start(["stylize", "large.png", "-o", "whole.png"] + style).finish()
    let tiled = try command.start(
      ["stylize", "large.png", "-o", "tiled.png", "--memory", "40MB"] + style
    ).finish()
    #expect(whole.status == 0 && tiled.status == 0, "\(tiled.errors)")
    let error = try zip(
      picture("whole.png").pixels.elements, picture("tiled.png").pixels.elements
    ).map { abs($0 - $1) }.max()!
    #expect(error < 1.5 / 255)
    let little = try command.start(
      ["stylize", "large.png", "-o", "none.png", "--memory", "9MB"] + style
    ).finish()
    #expect(little.status == 1 && little.errors.contains("large.png: a picture of 401x303"))
    #expect(!command.exists("none.png"))
  }

  @Test func threadsDoNotChangeBytes() throws {
    for threads in ["1", "3"] {
      let run = try stylize(
        "photo.png", "--style", "great-wave", "--threads", threads, "-o", "\(threads).png")
      #expect(run.status == 0)
    }
    #expect(try command.bytes("1.png") == command.bytes("3.png"))
  }

  @Test(arguments: [
    (["photo.png", "--style", "nothing"], "no trained style and no shipped painting"),
    (["photo.png", "--style", "embers", "--strength", "2"], "between 0 and 1"),
    (["photo.png", "--style", "embers", "--style", "painting.png"], "cannot be blended"),
    (["photo.png", "--style", "embers", "--color-before", "pca"], "--color-before"),
    (["photo.png", "--style", "embers", "--network", "x.onnx"], "--network"),
    (["photo.png"], "--style"),
    (["photo.png", "--style", "embers", "--memory", "12"], "--memory"),
    (["--style", "embers"], "photos"),
  ])
  func mistakesAreOneLine(options: [String], text: String) throws {
    let run = try command.start(["stylize"] + options + ["-o", "out.png"]).finish()
    #expect(run.status != 0 && run.errors.contains(text), "\(run.errors)")
    #expect(run.lines.first?.hasPrefix("impasto: ") == true)
    #expect(!command.exists("out.png"))
  }

  @Test func otherNetworksNameTheirCommand() throws {
    let vgg = try command.start([
      "stylize", "photo.png", "--style", VGGFiles.small.path("gatys.pth"), "-o", "out.png",
    ]).finish()
    #expect(vgg.status != 0 && vgg.errors.contains("impasto transfer"), "\(vgg.errors)")
    for style in ["embers", StylizerFiles.path("johnson.pth")] {
      let trained = try command.run("transfer", "photo.png", "--style", style, "-o", "out.png")
      #expect(
        trained.status != 0 && trained.errors.contains("impasto stylize"), "\(trained.errors)")
      #expect(trained.lines.count == 1)
    }
  }

  @Test func networksAreConverted() throws {
    let pair = try command.run(
      "models", "convert", StylizerFiles.path("arbitrary.onnx"), "--predictor",
      StylizerFiles.path("predictor.onnx"), "-o", "any.safetensors")
    #expect(pair.status == 0, "\(pair.errors)")
    let run = try stylize(
      "photo.png", "--style", "painting.png", "--network", "any.safetensors", "-o", "out.png")
    #expect(run.status == 0, "\(run.errors)")
    let rows = try command.run(
      "models", "convert", StylizerFiles.path("rows.onnx"), "--style-names", "a,b", "-o",
      "rows.safetensors")
    #expect(rows.status != 0 && rows.lines.count == 1 && !command.exists("rows.safetensors"))
  }

  @Test func aSheetShowsEveryStyle() throws {
    let run = try command.run("styles", "--sheet", "photo.png", "-o", "sheet.png")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try picture("sheet.png").width > 6 * 61)
  }
}
