import Foundation
import Testing

/// Names from files cannot control the terminal.
@Suite struct TerminalTextTests {
  private let command: Command
  /// Clears the screen, sets the title, moves the cursor, and reverses the direction of writing.
  private static let hostile =
    "a\u{1B}[2J\u{1B}]0;t\u{7}b\r\u{8}c\u{9B}2Jd\u{202E}e\u{2066}f\u{7F}\tg"

  init() throws { command = try Command() }

  private func expectHarmless(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let controls = text.unicodeScalars.filter {
      ($0.value < 0x20 && $0 != "\n") || (0x7f...0x9f).contains($0.value)
        || (0x202a...0x202e).contains($0.value) || (0x2066...0x2069).contains($0.value)
    }
    #expect(controls.isEmpty, "\(text.debugDescription)", sourceLocation: sourceLocation)
  }

  @Test func namesOfTensorsAreEscaped() throws {
    let header = [Self.hostile: ["dtype": Self.hostile, "shape": [1], "data_offsets": [0, 4]]]
    let json = try JSONSerialization.data(withJSONObject: header)
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    try (length + json + Data(count: 4)).write(
      to: URL(fileURLWithPath: command.path("w.safetensors")))
    let run = try command.run("models", "inspect", "w.safetensors")
    #expect(run.status == 1)
    #expect(run.output.contains("a\\u{1B}[2J\\u{1B}]0;t\\u{7}b\\u{D}"), "\(run.output)")
    #expect(run.output.contains("\\u{202E}e\\u{2066}f\\u{7F}\\u{9}g"))
    expectHarmless(run.output)
    expectHarmless(run.errors)
  }

  /// Errors of the system's libraries are reworded.
  @Test func foundationsErrorsAreReworded() throws {
    for folder in ["resources/models", "resources/presets"] {
      try FileManager.default.createDirectory(
        atPath: command.path(folder), withIntermediateDirectories: true)
    }
    try Data([0xff, 0xfe, 0xff]).write(
      to: URL(fileURLWithPath: command.path("resources/presets/a.toml")))
    let run = try command.run(
      "presets", environment: ["IMPASTO_RESOURCES": command.path("resources")])
    #expect(run.status != 0 && run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.contains("a.toml: it is not UTF-8 text."), "\(run.errors)")
    #expect(!run.errors.contains("Domain"))
  }

  @Test func namesOfFilesAreEscaped() throws {
    try command.makePicture("photo.png")
    let name = "\(Self.hostile).png"
    try FileManager.default.moveItem(atPath: command.path("photo.png"), toPath: command.path(name))
    let missing = try command.run("transfer", name, "--style", "\(name)x", "-o", "out.png")
    #expect(missing.status != 0 && missing.lines.count == 1)
    expectHarmless(missing.errors)
    let notes = try command.run(
      "transfer", name, "--style", name, "-o", "out.png", "--iterations", "1", "--json")
    #expect(notes.status == 0 && notes.errors.contains("\\u{202E}"), "\(notes.errors)")
    expectHarmless(notes.errors)
    expectHarmless(notes.output)
    #expect(notes.output.contains("\\u202e"))
    // The escapes are those of JSON: the name comes back.
    #expect(try notes.json()["content"] as? String == name)
  }
}
