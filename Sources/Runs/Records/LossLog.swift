import Files
import Foundation
import Impasto

/// The losses of a run as a table: a row an iteration, a column each term and layer.
package struct LossLog: Sendable {
  /// A row.
  package struct Row: Sendable {
    package let iteration: Int
    package let scale: Int
    package let evaluations: Int
    package let seconds: Double
    /// By their columns' names: `total`, `content`, `style`, `tv`, `content relu4_2`, …
    package let losses: [String: Double]
  }

  package private(set) var rows: [Row] = []

  static let terms = ["total", "content", "style", "tv"]
  private static let counters = ["iteration", "scale", "evaluations", "seconds"]

  package init() {}

  package mutating func add(_ step: TransferStep, seconds: Double) {
    rows.append(
      Row(
        iteration: step.iteration, scale: step.scale, evaluations: step.evaluations,
        seconds: seconds, losses: step.losses.byColumn))
  }

  /// The columns of losses in order.
  package var columns: [String] {
    let layers = rows.first?.losses.keys.filter { !Self.terms.contains($0) }.sorted() ?? []
    return Self.terms + layers
  }

  /// As comma-separated values with a line of names, RFC 4180.
  package var csv: String {
    let columns = columns
    return header + rows.map { Self.line($0, columns) }.joined()
  }

  /// The line of names.
  var header: String { (Self.counters + columns).joined(separator: ",") + "\n" }

  /// The line of the last row.
  var lastLine: String { Self.line(rows.last!, columns) }

  private static func line(_ row: Row, _ columns: [String]) -> String {
    let counters = ["\(row.iteration)", "\(row.scale)", "\(row.evaluations)"]
    let numbers =
      [String(format: "%.3f", row.seconds)]
      + columns.map { String(format: "%.9g", row.losses[$0] ?? 0) }
    return (counters + numbers).joined(separator: ",") + "\n"
  }

  /// Drops the rows after an iteration, and that of a run without one.
  mutating func truncate(after iteration: Int) {
    rows.removeAll { $0.iteration > iteration || $0.iteration == 0 }
  }

  /// Reads a table that `csv` wrote.
  ///
  /// - Throws: `RecordError`, and `FileError.unreadable`.
  package init(path: String) throws {
    guard let text = String(data: try MappedFile(path: path).data, encoding: .utf8) else {
      throw RecordError("\(path): cannot be read.")
    }
    // A line that the process was killed in has no end.
    let whole = text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
    var lines = whole.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard !lines.isEmpty, lines[0].starts(with: Self.counters) else {
      throw RecordError("\(path): is not a table of losses.")
    }
    let names = lines.removeFirst()
    for (index, line) in lines.enumerated() {
      let numbers = line.compactMap(Double.init)
      guard numbers.count == names.count else {
        throw RecordError("\(path), line \(index + 2): must be \(names.count) numbers.")
      }
      let counters = numbers.prefix(3).compactMap { Int(exactly: $0) }
      guard counters.count == 3 else {
        throw RecordError("\(path), line \(index + 2): must begin with whole numbers.")
      }
      rows.append(
        Row(
          iteration: counters[0], scale: counters[1], evaluations: counters[2],
          seconds: numbers[3],
          losses: Dictionary(
            zip(names, numbers).dropFirst(Self.counters.count), uniquingKeysWith: { $1 })))
    }
  }
}

extension Losses {
  /// The values by their columns' names in a table.
  var byColumn: [String: Double] {
    var values = [
      "total": total, "content": content, "style": style, "tv": totalVariation,
    ]
    for (layer, value) in contentLayers { values["content \(layer.name)"] = value }
    for (layer, value) in styleLayers { values["style \(layer.name)"] = value }
    return values
  }
}
