import ArgumentParser
import Impasto

struct StylesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "styles", abstract: "List the shipped paintings, for use with --style NAME.")

  func run() throws {
    let width = Painting.catalog.map(\.name.count).max()!
    for painting in Painting.catalog {
      let name = painting.name.padding(toLength: width, withPad: " ", startingAt: 0)
      try StandardStreams.print("\(name)  \(painting.title), \(painting.painter), \(painting.year)")
    }
  }
}
