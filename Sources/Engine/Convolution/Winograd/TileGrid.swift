/// The tiles that cover a map, in rows and columns; the last ones may stick out.
struct TileGrid {
  let rows: Int
  let columns: Int

  init(_ shape: MapShape, tileSize: Int) {
    rows = (shape.height + tileSize - 1) / tileSize
    columns = (shape.width + tileSize - 1) / tileSize
  }

  /// Cuts the grid into rows of blocks of nearly the same size.
  ///
  /// - Parameters:
  ///   - most: the most rows and columns of a block.
  ///   - threads: that are to have the same number of blocks, where that is possible.
  func blocks(atMost most: (rows: Int, columns: Int), threads: Int) -> [[TileBlock]] {
    let across = (columns + most.columns - 1) / most.columns
    let needed = (rows + most.rows - 1) / most.rows
    let rounds = (needed * across + threads - 1) / threads
    let down = min(rows, max(needed, rounds * threads / across))
    return (0..<down).map { y in
      (0..<across).map { x in
        TileBlock(
          rows: rows * y / down..<rows * (y + 1) / down,
          columns: columns * x / across..<columns * (x + 1) / across)
      }
    }
  }
}

/// A rectangle of tiles, counted row by row.
struct TileBlock {
  let rows: Range<Int>
  let columns: Range<Int>

  var count: Int { rows.count * columns.count }

  /// Its parts of one row and at most so many columns, with the number of tiles before each.
  func pieces(columns most: Int) -> [(block: TileBlock, offset: Int)] {
    rows.enumerated().flatMap { index, row in
      stride(from: columns.lowerBound, to: columns.upperBound, by: most).map { first in
        let part = first..<min(first + most, columns.upperBound)
        return (
          TileBlock(rows: row..<row + 1, columns: part),
          index * columns.count + first - columns.lowerBound
        )
      }
    }
  }
}
