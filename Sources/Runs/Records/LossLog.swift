import Foundation
import Impasto

/// The losses of a run as a table: a row an iteration, a column each term and layer.
struct LossLog {
  /// A row.
  struct Row: Sendable {
    let iteration: Int
    let scale: Int
    let evaluations: Int
    let seconds: Double
    /// By their columns' names: `total`, `content`, `style`, `tv`, `content relu4_2`, …
    let losses: [String: Double]
  }

  private(set) var rows: [Row] = []

  static let terms = ["total", "content", "style", "tv"]
  private static let counters = ["iteration", "scale", "evaluations", "seconds"]

  init() {}

  mutating func add(_ step: TransferStep, seconds: Double) {
    let losses = step.losses
    var values = [
      "total": losses.total, "content": losses.content, "style": losses.style,
      "tv": losses.totalVariation,
    ]
    for (layer, value) in losses.contentLayers { values["content \(layer.name)"] = value }
    for (layer, value) in losses.styleLayers { values["style \(layer.name)"] = value }
    rows.append(
      Row(
        iteration: step.iteration, scale: step.scale, evaluations: step.evaluations,
        seconds: seconds, losses: values))
  }

  /// The columns of losses in order.
  var columns: [String] {
    let layers = rows.first?.losses.keys.filter { !Self.terms.contains($0) }.sorted() ?? []
    return Self.terms + layers
  }

  /// As comma-separated values with a line of names, RFC 4180.
  var csv: String {
    let names = (Self.counters + columns).joined(separator: ",")
    let lines = rows.map { row in
      let counters = ["\(row.iteration)", "\(row.scale)", "\(row.evaluations)"]
      let numbers =
        [String(format: "%.3f", row.seconds)]
        + columns.map { String(format: "%.9g", row.losses[$0] ?? 0) }
      return (counters + numbers).joined(separator: ",")
    }
    return ([names] + lines).map { "\($0)\n" }.joined()
  }

  /// Reads a table that `csv` wrote.
  ///
  /// - Throws: `RecordError`.
  init(path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw RecordError("\(path): cannot be read.")
    }
    var lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard !lines.isEmpty, lines[0].starts(with: Self.counters) else {
      throw RecordError("\(path): is no table of losses.")
    }
    let names = lines.removeFirst()
    for (index, line) in lines.enumerated() {
      let numbers = line.compactMap(Double.init)
      guard numbers.count == names.count else {
        throw RecordError("\(path), line \(index + 2): has to be \(names.count) numbers.")
      }
      let counters = numbers.prefix(3).compactMap { Int(exactly: $0) }
      guard counters.count == 3 else {
        throw RecordError("\(path), line \(index + 2): begins with no whole numbers.")
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
