/// The grid of tiles that covers a map. The last row and column may extend beyond it.
struct TileGrid {
  let rows: Int
  let columns: Int

  init(_ shape: MapShape, tileSize: Int) {
    rows = (shape.height + tileSize - 1) / tileSize
    columns = (shape.width + tileSize - 1) / tileSize
  }

  /// Splits the grid into rows of blocks of nearly equal size.
  ///
  /// - Parameters:
  ///   - most: the largest number of rows and columns in a block.
  ///   - threads: the number of threads that share the blocks, evenly if possible.
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

/// A rectangle of tiles, numbered row by row.
struct TileBlock {
  let rows: Range<Int>
  let columns: Range<Int>

  var count: Int { rows.count * columns.count }

  /// Splits the block into pieces of one row and at most `most` columns, each with the number of
  /// tiles before it.
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
