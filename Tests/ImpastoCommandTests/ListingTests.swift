import Foundation
import Impasto
import Testing

@Suite(.serialized) struct ListingTests {
  private let command: Command

  init() throws {
    command = try Command()
  }

  @Test func stylesListTitlePainterAndYear() throws {
    let run = try command.run("styles")
    #expect(run.status == 0)
    #expect(
      run.output.contains(
        "great-wave            The Great Wave off Kanagawa, Katsushika Hokusai, about 1831"))
    #expect(run.output.split(separator: "\n").count == Painting.catalogue.count)
  }

  @Test func layersListNamesAndNumbers() throws {
    let run = try command.run("layers")
    #expect(run.status == 0)
    let rows = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.contains(["20", "relu4_2", "512", "8"]))
    #expect(rows.contains(["0", "conv1_1:pre", "64", "1"]))
  }

  @Test func helpAndVersionAreNoErrors() throws {
    for arguments in [["--help"], ["transfer", "--help"], ["--version"], []] {
      let run = try command.start(arguments).finish()
      #expect(run.status == 0 && !run.output.isEmpty && run.errors.isEmpty)
    }
  }
}
