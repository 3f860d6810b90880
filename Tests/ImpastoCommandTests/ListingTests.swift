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
    let lines = run.output.split(separator: "\n")
    #expect(
      lines.contains {
        $0.hasPrefix("great-wave ")
          && $0.hasSuffix("  The Great Wave off Kanagawa, Katsushika Hokusai, about 1831")
      })
    // Each name is listed once, below one of three headings.
    let names = try Set(TrainedStyles.names()).union(Painting.catalog.map(\.name))
    #expect(lines.count == names.count + 3)
    #expect(names.allSatisfy { name in lines.contains { $0.split(separator: " ")[0] == name } })
  }

  @Test func layersListNamesAndNumbers() throws {
    let run = try command.run("layers")
    #expect(run.status == 0)
    let rows = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.contains(["20", "relu4_1", "512", "8"]))
    #expect(rows.contains(["0", "conv1_1:pre", "64", "1"]))
  }

  @Test func benchTimesEveryStep() throws {
    let size = ["--width", "40", "--height", "33", "--rounds", "1", "--threads", "1"]
    let table = try command.start(["bench"] + size).finish()
    #expect(table.status == 0 && table.errors.isEmpty)
    for name in ["conv1_1 conv1_2 pool1", "conv4_2", "Gram matrix of conv5_1", "one evaluation"] {
      #expect(table.output.contains(name), "\(name)")
    }
    let json = try command.start(["bench", "--json"] + size).finish().json()
    #expect((json["seconds"] as? [Double])?.count == 1)
    #expect(json["threads"] as? Int == 1)
    #expect((json["peak_gigaflops"] as? Double)! > 0)
  }

  @Test func benchRefusesWhatItCannotDo() throws {
    let tooSmall = try command.run("bench", "--width", "15", "--height", "600")
    #expect(tooSmall.status != 0 && tooSmall.errors.contains("at least 16x16"))
    #expect(tooSmall.errors.split(separator: "\n").count == 1)
    let tooLarge = try command.run("bench", "--width", "9999999", "--height", "9999999")
    #expect(tooLarge.status == 1 && tooLarge.errors.contains("of memory"))
    #expect(tooLarge.errors.split(separator: "\n").count == 1)
    for threads in ["0", "-1", "2000", "many"] {
      let run = try command.run("bench", "--threads", threads)
      #expect(run.status == 64 && run.errors.contains("--threads"))
    }
  }

  @Test func helpAndVersionAreNotErrors() throws {
    for arguments in [["--help"], ["transfer", "--help"], ["--version"], []] {
      let run = try command.start(arguments).finish()
      #expect(run.status == 0 && !run.output.isEmpty && run.errors.isEmpty)
    }
  }
}
