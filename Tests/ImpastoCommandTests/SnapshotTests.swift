import Foundation
import Testing

/// Compares the help of every command and the line of each mistake with snapshots.
///
/// A snapshot is a list of commands, each after a `$`, with the output of the real binary. After an
/// intended change, `IMPASTO_UPDATE_SNAPSHOTS=1 swift test -c release --filter SnapshotTests`
/// updates the files, and their diff shows the change.
@Suite(.serialized) struct SnapshotTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
    try command.makePicture("painting.jpg", seed: 2)
    try command.makePicture("dot.png", width: 1, height: 1)
    try command.write("text", to: "text.png")
    try command.write("style = \"painting.jpg\"\nstyle-wieght = 3\n", to: "typo.toml")
    try FileManager.default.createDirectory(
      atPath: command.path("folder"), withIntermediateDirectories: true)
  }

  @Test(arguments: ["help", "errors"])
  func outputMatchesSnapshots(name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Snapshots/\(name).txt")
    let snapshot = try String(contentsOf: file, encoding: .utf8)
    let commands = snapshot.split(separator: "\n").filter { $0.hasPrefix("$ impasto") }
    #expect(commands.count > 10)
    let actual = try commands.map { line in
      let outcome = try run(String(line.dropFirst("$ impasto".count)))
      return "\(line)\n\(outcome)"
    }.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["IMPASTO_UPDATE_SNAPSHOTS"] != nil {
      try actual.write(to: file, atomically: true, encoding: .utf8)
    } else {
      for (expected, line) in zip(snapshot.split(separator: "\n"), actual.split(separator: "\n")) {
        #expect(line == expected)
      }
      #expect(actual == snapshot)
    }
  }

  /// The output of a command, followed by its status if it fails.
  private func run(_ arguments: String) throws -> String {
    let words = arguments.split(separator: " ").map(String.init)
    // The argument parser wraps help to the terminal's width.
    let outcome = try command.start(words, environment: ["COLUMNS": "100"]).finish()
    let text = (outcome.output + outcome.errors).replacingOccurrences(
      of: command.folder.path, with: "FOLDER")
    return outcome.status == 0 ? text : "\(text)(exit status \(outcome.status))\n"
  }
}
