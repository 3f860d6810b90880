/// A rectangle of positions of a map.
package struct MapPart: Sendable, Hashable {
  package let rows: Range<Int>
  package let columns: Range<Int>
  /// The number of positions in a row of the map.
  private let rowLength: Int
  /// The index of the map's first position.
  private let origin: Int

  /// Makes a part of a map.
  ///
  /// - Parameter rowLength: the number of positions in a row of the map.
  package init(rows: Range<Int>, columns: Range<Int>, rowLength: Int) {
    self.init(rows: rows, columns: columns, rowLength: rowLength, origin: 0)
  }

  private init(rows: Range<Int>, columns: Range<Int>, rowLength: Int, origin: Int) {
    (self.rows, self.columns) = (rows, columns)
    (self.rowLength, self.origin) = (rowLength, origin)
  }

  /// The number of positions.
  package var count: Int { rows.count * columns.count }

  /// Calls `body` with the range of indices in each row that lies in the part and in `positions`.
  package func forEachRun(in positions: Range<Int>, _ body: (Range<Int>) -> Void) {
    guard !positions.isEmpty, !columns.isEmpty else { return }
    let (first, last) = (positions.lowerBound - origin, positions.upperBound - 1 - origin)
    for row in rows.clamped(to: first / rowLength..<last / rowLength + 1) {
      let start = origin + row * rowLength
      let run = (start + columns.lowerBound..<start + columns.upperBound).clamped(to: positions)
      if !run.isEmpty { body(run) }
    }
  }

  /// The part of a region of the map that has its own row length, and the indices of the whole map's
  /// positions as if its rows had that length.
  ///
  /// - Parameters:
  ///   - top: the region's first row.
  ///   - left: the region's first column.
  ///   - rows: the number of its rows.
  ///   - columns: the number of its columns.
  func inRegion(top: Int, left: Int, rows: Int, columns: Int) -> MapPart {
    func clamped(_ range: Range<Int>, from start: Int, _ count: Int) -> Range<Int> {
      let inside = range.clamped(to: start..<start + count)
      return inside.isEmpty ? 0..<0 : inside.lowerBound - start..<inside.upperBound - start
    }
    return MapPart(
      rows: clamped(self.rows, from: top, rows),
      columns: clamped(self.columns, from: left, columns),
      rowLength: columns, origin: top * columns + left)
  }
}
