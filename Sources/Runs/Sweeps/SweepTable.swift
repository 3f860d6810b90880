import Foundation
import Impasto

/// A sweep's outcomes as comma-separated values, RFC 4180: a row a cell, with what was set for it
/// and where it ended.
struct SweepTable {
  let csv: String

  init(_ outcomes: [Sweep.Outcome]) {
    let keys = outcomes.flatMap { $0.cell.settings.map(\.key) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let losses = outcomes.flatMap { $0.record?.losses.map(\.name) ?? [] }.reduce(
      into: [String]()
    ) { if !$0.contains($1) { $0.append($1) } }
    let header = ["run"] + keys + ["status", "iterations", "seconds"] + losses
    let rows = outcomes.map { outcome in
      let settings = keys.map { key in
        outcome.cell.settings.first { $0.key == key }?.value.description ?? ""
      }
      guard let record = outcome.record else {
        let status = ["failed: \(outcome.problem ?? "")", "", ""]
        return [Self.name(outcome)] + settings + status + losses.map { _ in "" }
      }
      let values = losses.map { name in
        record.losses.first { $0.name == name }.map { String(format: "%.9g", $0.value) } ?? ""
      }
      let numbers = ["\(record.iterations)", String(format: "%.3f", record.seconds)]
      return [Self.name(outcome)] + settings + ["finished"] + numbers + values
    }
    csv = CSV.text([header] + rows)
  }

  private static func name(_ outcome: Sweep.Outcome) -> String {
    (outcome.cell.folder as NSString).lastPathComponent
  }
}
