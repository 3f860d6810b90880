import Files
import Foundation

/// A table of losses that grows row by row, as comma-separated values with a line of names.
final class LossTable {
  private let path: String
  private let counter: String
  private var file: AppendedFile?
  private var columns: [String]?

  /// Opens the table of a training that goes on, or one that does not exist yet.
  ///
  /// - Parameters:
  ///   - counter: the name of the first column.
  ///   - last: the last row to keep, by the first column.
  ///   - steps: the last row to keep, by a column `steps`.
  /// - Throws: `FileError`, and `RecordError` for another file.
  init(_ path: String, counter: String, through last: Int = .max, steps: Int = .max) throws {
    (self.path, self.counter) = (path, counter)
    guard InputFile.exists(path) else { return }
    var lines = try Self.lines(path)
    guard let names = lines.first, names.count > 2, names.prefix(2) == [counter, "seconds"] else {
      throw RecordError("\(path): is not a table of losses.")
    }
    columns = Array(names.dropFirst(2))
    let stepColumn = names.firstIndex(of: "steps")
    lines = lines.dropFirst().filter { line in
      // A line that the process was killed in is shorter.
      guard line.count == names.count, let number = Int(line[0]) else { return false }
      return number <= last
        && stepColumn.map { Double(line[$0]).map { $0 <= Double(steps) } ?? false } ?? true
    }
    let kept = ([names] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
    try AtomicFile.write(Data(kept.utf8), to: path)
    file = try AppendedFile(path)
  }

  private static func lines(_ path: String) throws -> [[String]] {
    let text = String(decoding: try MappedFile(path: path).data, as: UTF8.self)
    return text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// A row: the value of the first column, and the losses by their names.
  struct Row {
    let number: Int
    let seconds: Double
    let values: [String: Double]
  }

  /// All rows.
  ///
  /// - Throws: `FileError.unreadable`.
  func rows() throws -> [Row] { try Self.rows(path) }

  /// All rows of a table that another process may write to; none if it does not exist yet.
  ///
  /// - Throws: `FileError.unreadable`.
  static func rows(_ path: String) throws -> [Row] {
    guard InputFile.exists(path) else { return [] }
    let lines = try Self.lines(path)
    guard let names = lines.first else { return [] }
    return lines.dropFirst().compactMap { line in
      guard line.count == names.count, let number = Int(line[0]), let seconds = Double(line[1])
      else { return nil }
      let values = zip(names, line).dropFirst(2).map { ($0, Double($1) ?? 0) }
      return Row(
        number: number, seconds: seconds, values: Dictionary(values, uniquingKeysWith: { $1 }))
    }
  }

  /// The means of so many rows each.
  static func means(_ rows: some RandomAccessCollection<Row>, over window: Int) -> [Row] {
    let rows = Array(rows)
    return stride(from: 0, to: rows.count, by: window).map { first in
      let part = rows[first..<min(rows.count, first + window)]
      var sums: [String: Double] = [:]
      for row in part { sums.merge(row.values) { $0 + $1 } }
      return Row(
        number: part.last!.number, seconds: part.last!.seconds,
        values: sums.mapValues { $0 / Double(part.count) })
    }
  }

  /// Adds a row.
  ///
  /// - Throws: `FileError.unwritable`.
  func add(_ number: Int, seconds: Double, _ values: [String: Double]) throws {
    let columns = columns ?? Self.order(values.keys)
    var text = ""
    if file == nil {
      file = try AppendedFile(path)
      text = ([counter, "seconds"] + columns).joined(separator: ",") + "\n"
    }
    self.columns = columns
    let numbers = columns.map { String(format: "%.9g", values[$0] ?? 0) }
    text +=
      (["\(number)", String(format: "%.3f", seconds)] + numbers).joined(separator: ",") + "\n"
    try file!.append(Data(text.utf8))
  }

  /// The sums first, then the layers.
  private static func order(_ names: some Collection<String>) -> [String] {
    LossLog.terms + names.filter { !LossLog.terms.contains($0) }.sorted()
  }
}
