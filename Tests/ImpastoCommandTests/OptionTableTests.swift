import Foundation
import Impasto
import Runs
import Testing

/// Compares the documented options and defaults with those of the program.
@Suite struct OptionTableTests {
  /// A row of the table in docs/Options.md.
  private struct Row {
    /// The option's long name without dashes.
    let option: String
    let defaultText: String
  }

  private static func rows() throws -> [Row] {
    let path = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../docs/Options.md")
      .standardized.path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| `-"), let option = line.firstMatch(of: /`--([a-z-]+)/) else {
        return nil
      }
      // Vertical bars inside a cell are escaped.
      let cells = line.replacingOccurrences(of: "\\|", with: "/").split(
        separator: "|", omittingEmptySubsequences: false
      ).map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5 else {
        Issue.record("\(line)")
        return nil
      }
      return Row(option: String(option.1), defaultText: cells[3])
    }
  }

  /// The help on one line.
  private static func help() throws -> String {
    let run = try Command().run("transfer", "--help", environment: ["COLUMNS": "80"])
    #expect(run.status == 0)
    return run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The options' names in the help's first column.
  private static func options() throws -> [String] {
    let run = try Command().run("transfer", "--help")
    return run.output.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^  (?:-[a-z], )?--([a-z-]+)/).map { String($0.1) }
    }
  }

  @Test func everyOptionIsDocumented() throws {
    let documented = try Self.rows().map(\.option)
    #expect(Set(documented).count == documented.count)
    #expect(try Set(Self.options()).subtracting(["version", "help"]) == Set(documented))
  }

  /// The defaults in the table and in the help are those of the program.
  @Test func defaultsAreThoseOfTheProgram() throws {
    let rows = try Self.rows()
    let help = try Self.help()
    var count = 0
    for row in rows {
      let expected = Recipe.defaultText(of: row.option)
      guard !expected.isEmpty else { continue }
      count += 1
      #expect(row.defaultText.prefix { $0 != ";" } == expected, "--\(row.option)")
      let text = try #require(help.firstRange(of: "--\(row.option) <"), "--\(row.option)")
      // The option's own text ends where the next option begins.
      let rest = help[text.upperBound...]
      let own = rest[..<(rest.firstRange(of: "--")?.lowerBound ?? rest.endIndex)]
      #expect(
        own.contains("(default: \(expected))") || own.contains("(default: \(expected);"),
        "--\(row.option): \(own)")
    }
    #expect(count == 22)
  }

  @Test func defaultsAreThoseOfTheLibrary() {
    let options = TransferOptions()
    #expect(Recipe.defaults.styleWeight == options.weights.style)
    #expect(Recipe.defaults.margin == options.margin && Recipe.defaults.quality == options.quality)
    #expect(Recipe.defaultSide == options.longestSide)
    #expect(Recipe.defaultText(of: "optimizer") == "lbfgs")
    #expect(Recipe.defaultText(of: "style") == "")
  }
}
