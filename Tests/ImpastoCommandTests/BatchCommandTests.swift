import Foundation
import Impasto
import Testing

/// Folders of photos, a result for each style, and factors for each style.
@Suite struct BatchCommandTests {
  private let command: Command

  init() throws {
    command = try Command()
    for folder in ["photos", "photos/more", "empty", "out"] {
      try FileManager.default.createDirectory(
        atPath: command.path(folder), withIntermediateDirectories: true)
    }
    try command.makePicture("photos/b.png")
    try command.makePicture("photos/a.jpg", seed: 3)
    try command.makePicture("photos/more/c.webp", seed: 4)
    try command.write("no picture", to: "photos/notes.txt")
    try command.makePicture("first.png", width: 40, height: 60, seed: 2)
    try command.makePicture("second.png", width: 64, height: 64, seed: 5)
  }

  private func transfer(_ options: String...) throws -> Command.Outcome {
    try command.start(["transfer"] + options + ["--iterations", "1", "--quiet"]).finish()
  }

  private func results() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: command.path("out")).sorted()
  }

  @Test func aFolderStandsForItsPictures() throws {
    let run = try transfer("photos/", "--style", "first.png", "-o", "out")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try results() == ["a.jpg", "b.png"])
    let deep = try transfer("photos", "--recursive", "--style", "first.png", "-o", "out")
    #expect(deep.status == 0, "\(deep.errors)")
    #expect(try results() == ["a.jpg", "b.png", "c.webp"])
    let none = try transfer("empty", "--style", "first.png", "-o", "out")
    #expect(none.status == 64 && none.lines.count == 1 && none.errors.contains("no pictures"))
  }

  @Test func eachStyleGetsAResult() throws {
    let styles = ["--style", "first.png", "--style", "second.png", "--style-scale", "1,0.5"]
    let run = try command.start(
      ["transfer", "photos/b.png", "--each-style", "-o", "out", "--iterations", "1", "--quiet"]
        + styles
    ).finish()
    #expect(run.status == 0, "\(run.errors)")
    #expect(try results() == ["b-first.png", "b-second.png"])
    for (style, scale) in [("first", "1"), ("second", "0.5")] {
      let single = try transfer(
        "photos/b.png", "--style", "\(style).png", "--style-scale", scale, "-o", "single.png")
      #expect(single.status == 0, "\(single.errors)")
      #expect(try command.bytes("single.png") == command.bytes("out/b-\(style).png"))
    }
    for wrong in [
      ["-o", "out.png"], ["-o", "out", "--style-blend", "1,2"], ["-o", "out", "--run", "r"],
    ] {
      let run = try command.start(["transfer", "photos/b.png", "--each-style"] + wrong + styles)
        .finish()
      #expect(run.status == 64 && run.lines.count == 1, "\(run.errors)")
    }
  }

  @Test func eachStyleHasItsScale() throws {
    let both = ["--style", "first.png", "--style", "second.png"]
    let run = try command.start(
      ["transfer", "photos/b.png", "-o", "x.png", "--iterations", "1", "--json", "--quiet"] + both
        + ["--style-scale", "1,0.5"]
    ).finish()
    let styles = try #require(run.json()["styles"] as? [[String: Any]])
    let sizes = styles.compactMap { $0["size"] as? [String: Int] }
    // The photo has 48 pixels.
    #expect(sizes == [["width": 32, "height": 48], ["width": 24, "height": 24]])
    let wrong = try command.start(
      ["transfer", "photos/b.png", "-o", "y.png"] + both + ["--style-scale", "1,2,3"]
    ).finish()
    #expect(wrong.status == 64 && wrong.lines.count == 1 && wrong.errors.contains("--style-scale"))
  }

  /// The named size works, and the next smaller one does not.
  @Test func aPanoramaGetsTheSmallestSize() throws {
    try command.makePicture("panorama.png", width: 700, height: 17)
    let run = try transfer("panorama.png", "--style", "second.png", "--size", "100", "-o", "x.png")
    #expect(run.status != 0 && run.lines.count == 1, "\(run.errors)")
    let match = try #require(run.errors.firstMatch(of: /smallest size that works is (\d+)/))
    let least = try #require(Int(match.1))
    for (size, works) in [(least, true), (least - 1, false)] {
      let run = try transfer(
        "panorama.png", "--style", "second.png", "--size", "\(size)", "-o", "x.png")
      #expect((run.status == 0) == works, "\(size): \(run.errors)")
    }
  }
}
