import Engine
import Foundation
import Pictures
import Testing

/// Pictures of every kind through the real command.
@Suite struct PictureInputTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
  }

  /// A PNG of 65 bytes, a BMP and a PPM that claim 9,999,999 pixels on each side.
  private static let absurd = [
    (
      "huge.png",
      "iVBORw0KGgoAAAANSUhEUgCYln8AmJZ/CAIAAABi06nzAAAACElEQVR4nAMAAAAAAUgGidIAAAAASUVORK5CYII="
    ),
    ("huge.bmp", "Qk1kAAAAAAAAADYAAAAoAAAAf5aYAH+WmAABABgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ("huge.ppm", Data("P6\n9999999 9999999\n255\n".utf8).base64EncodedString()),
  ]

  @Test(arguments: absurd)
  func absurdSizesAreOneLine(name: String, bytes: String) throws {
    try Data(base64Encoded: bytes)!.write(to: URL(fileURLWithPath: command.path(name)))
    for arguments in [[name, "--like", "photo.png"], ["photo.png", "--like", name]] {
      let method = arguments[0] == name ? "luminance" : "histogram"
      let run = try command.start(
        ["color"] + arguments + ["--method", method, "-o", "out.png"]
      ).finish()
      #expect(run.status == 1 && run.lines.count == 1, "\(run.status) \(run.errors)")
      #expect(run.errors.contains(name) && run.errors.contains("too large for memory"))
      #expect(!command.exists("out.png"))
    }
  }

  /// Limits of the address space in kilobytes.
  @Test(arguments: [
    ("900000", "transfer photo.png --style photo.png -o out.png --size 64 --iterations 1"),
    ("600000", "transfer photo.png --style photo.png -o out.png --size 64 --iterations 1"),
    ("450000", "transfer photo.png --style photo.png -o out.png --size 64 --iterations 1"),
    ("300000", "transfer photo.png --style photo.png -o out.png --size 64 --iterations 1"),
    ("300000", "color photo.png --like photo.png -o out.png"),
    ("600000", "score photo.png --content photo.png --style photo.png --size 512"),
    ("300000", "score photo.png --content photo.png --style photo.png"),
    ("300000", "styles"), ("300000", "models list"), ("300000", "layers"),
    ("300000", "texture photo.png -o out.png --size 64 --iterations 1"),
    ("300000", "reconstruct content photo.png -o out --size 64 --iterations 1"),
    ("300000", "bench"),
  ])
  func littleMemoryIsOneLine(limit: String, arguments: String) throws {
    let run = try command.start(
      ["-c", "ulimit -v \(limit); exec \"$0\" \"$@\"", command.executable.path]
        + arguments.split(separator: " ").map(String.init),
      environment: ["SWIFT_BACKTRACE": "enable=no"], through: URL(fileURLWithPath: "/bin/sh")
    ).finish()
    #expect(run.status < 128, "\(run.status) \(run.errors)")
    #expect(!run.errors.contains("Fatal error"))
    if run.status != 0 {
      #expect(run.lines.filter { $0.hasPrefix("impasto: ") }.count == 1, "\(run.errors)")
    }
  }

  @Test func framesThatAreNotUsedAreNoted() throws {
    let frame = Picture(pixels: Tensor(shape: [36, 48, 3], repeating: 0.5))
    let other = Picture(pixels: Tensor(shape: [36, 48, 3], repeating: 0.25))
    try Animation(frames: [frame, other], durations: [1, 1]).write(to: command.path("two.gif"))
    let transfer = try command.run(
      "transfer", "two.gif", "--style", "photo.png", "-o", "out.png", "--iterations", "1")
    #expect(transfer.status == 0)
    let notes = transfer.lines.filter { $0.contains("two.gif: only the first of its 2") }
    #expect(notes.count == 1, "\(transfer.errors)")
    let color = try command.run("color", "photo.png", "--like", "two.gif", "-o", "colored.png")
    #expect(color.status == 0 && color.lines.count == 1 && color.errors.contains("first of its 2"))
    let score = try command.run(
      "score", "photo.png", "--content", "photo.png", "--style", "two.gif")
    #expect(score.status == 0 && score.errors.contains("first of its 2"))
  }

  @Test(arguments: ["jpg", "png", "tiff"])
  func resultsKeepThePhotosResolution(format: String) throws {
    var encoding = PictureEncoding(format: .jpg)
    encoding.resolution = Resolution(across: 300, down: 200)
    try Picture(contentsOf: command.path("photo.png")).write(
      to: command.path("photo.jpg"), encoding)
    let name = "out.\(format)"
    let run = try command.run(
      "transfer", "photo.jpg", "--style", "photo.png", "-o", name, "--iterations", "1")
    #expect(run.status == 0)
    let read = try #require(try PictureFile(command.path(name)).resolution)
    #expect(abs(read.across - 300) < 0.1 && abs(read.down - 200) < 0.1)
    #expect(
      try command.run("color", "photo.jpg", "--like", "photo.png", "-o", "c.png").status == 0)
    let colored = try #require(try PictureFile(command.path("c.png")).resolution)
    #expect(abs(colored.across - 300) < 0.1)
  }

  @Test(arguments: [
    (["out.avif"], true), (["out.jxl", "--bit-depth", "16"], true), (["out.ppm"], true),
    (["out.tiff", "--bit-depth", "32"], true), (["out.png", "--bit-depth", "32"], false),
    (["out.avif", "--bit-depth", "16"], false), (["out.jxl", "--jpeg-quality", "60"], true),
    (["out.ppm", "--jpeg-quality", "60"], false),
  ])
  func formatsAreWritten(options: [String], isPossible: Bool) throws {
    let run = try command.start(
      ["color", "photo.png", "--like", "photo.png", "-o"] + options
    ).finish()
    #expect((run.status == 0) == isPossible, "\(run.errors)")
    #expect(command.exists(options[0]) == isPossible)
    guard isPossible else {
      #expect(run.lines.count == 1)
      return
    }
    let (result, photo) = try (
      Picture(contentsOf: command.path(options[0])), Picture(contentsOf: command.path("photo.png"))
    )
    let differences = zip(result.pixels.elements, photo.pixels.elements).map { abs($0 - $1) }
    // Lossy formats miss single pixels by more. Wrong colors would change the mean.
    #expect(differences.reduce(0, +) / Float(differences.count) < 0.05)
  }
}
