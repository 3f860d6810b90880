import Foundation
import Testing

/// The commands of README and tutorials run, and their Swift code is that of the example, which `make test` runs.
@Suite(.serialized) struct DocumentationTests {
  private static let ffmpeg = URL(fileURLWithPath: "/usr/bin/ffmpeg")
  private static let hasFFmpeg = FileManager.default.isExecutableFile(atPath: ffmpeg.path)
  private static let repository = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../..").standardized
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.jpg")
    try command.makePicture("painting.jpg", seed: 2)
    for name in ["person.png", "face.png"] {
      try command.makeMask(name, width: 48, height: 36, whiteColumns: 20)
    }
    try command.makeMask("rest.png", width: 48, height: 36, whiteColumns: 30)
    for folder in ["repainted", "frames", "photos", "results"] {
      try FileManager.default.createDirectory(
        atPath: command.path(folder), withIntermediateDirectories: true)
    }
    try command.makePicture("photos/photo.png", seed: 3)
    if Self.hasFFmpeg {
      _ = try command.run(
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=48x36:duration=0.2", "clip.mp4",
        through: Self.ffmpeg)
    }
    try command.write(
      """
      content = "photo.jpg"
      style = "painting.jpg"
      iterations = 2
      size = 32

      [sweep]
      seed = [1, 2]
      """, to: "grid.toml")
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
  }

  /// These need a network that is downloaded, a file that the project does not have, a run that
  /// was stopped, which `StoppedRunTests` continues, or minutes.
  private static let skipped =
    [
      "models install", "--model vgg19", "verydeep-19.mat", "vgg_conv.pth", "candy.pth",
      "--resume", "Examples/experiments",
    ] + (hasFFmpeg ? [] : ["clip.mp4"])

  /// Commands run in their order with small pictures and few iterations.
  @Test(arguments: [
    "README.md", "docs/tutorials/first-picture.md", "docs/tutorials/own-style.md",
    "docs/tutorials/film.md", "docs/tutorials/sweep.md", "docs/tutorials/paper.md",
  ])
  func commandsRun(path: String) throws {
    let commands = try Self.text(path).split(separator: "\n").compactMap { line in
      line.hasPrefix("    impasto ")
        ? String(line.dropFirst("    impasto ".count).prefix { $0 != "#" }) : nil
    }
    #expect(commands.count > (path == "README.md" ? 20 : 2))
    for line in commands where !Self.skipped.contains(where: line.contains) {
      var words = line.split(separator: " ").map(String.init)
        .flatMap { $0 == "*.jpg" ? ["photo.jpg", "painting.jpg"] : [$0] }
        .map { ["chelsea.jpg", "astronaut.jpg"].contains($0) ? "photo.jpg" : $0 }
      let isSynthesis = ["transfer", "texture", "reconstruct"].contains(words[0])
      if isSynthesis, !line.contains("--recipe") {
        words += ["--size", words[0] == "texture" ? "64x48" : "64"]
        if !line.contains("--quality") { words += ["--iterations", "2"] }
      }
      if words[0] == "train" {
        words += ["--size", "32", "--steps", "2", "--batch", "1", "--style-size", "48"]
      }
      let outcome = try command.start(words).finish()
      #expect(outcome.status == 0, "impasto \(line): \(outcome.errors)")
    }
  }

  @Test(arguments: [
    ("README.md", "FirstTransfer"), ("Sources/Impasto/Impasto.docc/Impasto.md", "FirstTransfer"),
    ("docs/Stylize.md", "OnePass"), ("docs/tutorials/library.md", "FirstTransfer"),
  ])
  func swiftCodeIsThatOfTheExample(path: String, example: String) throws {
    let blocks = try Self.text(path).components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
    let example = try Self.text("Examples/PostcardMaker/Sources/\(example)/main.swift")
    #expect(!blocks.isEmpty && blocks.allSatisfy { $0 == example })
  }
}
