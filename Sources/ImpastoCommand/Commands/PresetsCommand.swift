import ArgumentParser
import Runs

struct PresetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "presets",
    abstract: "List the settings of publications and well-known programs, for --preset.")

  @Argument(help: "Print the settings of this preset, and their differences from the source.")
  var name: String?

  func run() throws {
    if let name {
      try StandardStreams.print(try Preset.named(name).text, terminator: "")
      return
    }
    let presets = try Preset.all()
    let width = presets.map(\.name.count).max() ?? 0
    for preset in presets {
      try StandardStreams.print(
        preset.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + preset.source)
    }
  }
}
