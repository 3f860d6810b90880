/// A table for the terminal: columns as wide as their longest value.
struct TextTable {
  let header: [String]?
  let rows: [[String]]

  /// The lines, without spaces at their ends.
  var text: String {
    let lines = ([header].compactMap(\.self) + rows).map { $0.map(TerminalText.line) }
    let columns = lines.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      lines.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return lines.map { line in
      var text = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text
    }.joined(separator: "\n")
  }
}
