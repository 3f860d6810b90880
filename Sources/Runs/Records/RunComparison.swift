import Foundation
import Impasto
import Pictures

/// Compares runs by the settings in which they differ, and by their final losses.
public struct RunComparison: Sendable {
  /// The names of the columns: the run, settings, steps, seconds and losses.
  public let header: [String]
  /// A row for each run, with `-` for a missing setting.
  public let rows: [[String]]
  private let records: [RunRecord]
  /// The settings that distinguish each run.
  private let labels: [String]

  /// Compares runs.
  ///
  /// - Precondition: there is at least one.
  public init(_ records: [RunRecord]) {
    precondition(!records.isEmpty)
    self.records = records
    let differing = Recipe.settings.filter { setting in
      Set(records.map { setting.value($0.recipe) }).count > 1
    }
    header = ["run"] + differing.map(\.key) + ["steps", "seconds"] + LossLog.terms
    rows = records.map { record in
      let settings = differing.map { $0.value(record.recipe)?.description ?? "-" }
      let losses = record.losses.prefix(LossLog.terms.count).map {
        String(format: "%.4g", $0.value)
      }
      let seconds = String(format: "%.1f", record.seconds)
      return [record.folder.path] + settings + ["\(record.iterations)", seconds] + losses
    }
    labels = records.map { record in
      differing.compactMap { setting in
        setting.value(record.recipe).map { "\(setting.key)=\($0)" }
      }.joined(separator: " ")
    }
  }

  /// The results side by side, with the settings that differ.
  ///
  /// - Throws: `PictureError`.
  public func contactSheet() throws -> ContactSheet {
    let cells = try zip(records, labels).map { record, label in
      ContactSheet.Cell(
        try Picture(contentsOf: record.folder.result),
        label: label.isEmpty ? record.folder.path : label)
    }
    return ContactSheet(cells, columns: min(4, cells.count), cellSide: 384)
  }
}
