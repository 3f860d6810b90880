import Engine

/// Lets smooth regions of a picture change as much as busy ones.
///
/// A network answers to changes of a busy region with gradients several times those of a
/// sky, but a sky has as far to go. So a gradient is divided by its root mean
/// square in the region, a block of 8x8 pixels and a part of those around it.
/// docs/Method.md has the measurements.
package struct RegionalPreconditioner: Preconditioner {
  private let height: Int
  private let width: Int

  /// The side of a block in pixels.
  private static let side = 8
  /// As a part of the mean: less gradient than this is not worth a larger step.
  private static let leastSize = 0.1

  /// For pictures of this size.
  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  package func setScales(_ scales: FloatBuffer, gradient: FloatBuffer, in space: VectorSpace) {
    let rows = (height + Self.side - 1) / Self.side
    let columns = (width + Self.side - 1) / Self.side
    var squares = [Double](repeating: 0, count: rows * columns)
    squares.withUnsafeMutableBufferPointer { squares in
      let squares = squares.baseAddress!
      space.forParts(rows) { setMeanSquares(squares + $0 * columns, row: $0, of: gradient) }
    }
    let sizes = Self.blurred(squares, rows: rows, columns: columns).map { $0.squareRoot() }
    let mean = sizes.reduce(0, +) / Double(sizes.count)
    let factors = sizes.map { mean > 0 ? Float(mean / ($0 + Self.leastSize * mean)) : 1 }
    let target = scales.pointer
    space.forParts(height) { y in
      for column in 0..<columns {
        let factor = factors[y / Self.side * columns + column]
        for i in elements(ofColumn: column) { target[y * width * 3 + i] = factor }
      }
    }
  }

  /// Of the gradient's elements in a row's blocks.
  private func setMeanSquares(
    _ squares: UnsafeMutablePointer<Double>, row: Int, of gradient: FloatBuffer
  ) {
    let lines = row * Self.side..<min(height, (row + 1) * Self.side)
    for column in 0..<(width + Self.side - 1) / Self.side {
      let elements = elements(ofColumn: column)
      var sum: Float = 0
      for y in lines {
        let line = gradient.pointer + y * width * 3
        for i in elements { sum += line[i] * line[i] }
      }
      squares[column] = Double(sum) / Double(lines.count * elements.count)
    }
  }

  /// A column of blocks in a line of pixels.
  private func elements(ofColumn column: Int) -> Range<Int> {
    column * Self.side * 3..<min(width, (column + 1) * Self.side) * 3
  }

  /// Each value with half of its neighbours' and a quarter of those at its corners; values
  /// at the border count for what lies outside.
  private static func blurred(_ values: [Double], rows: Int, columns: Int) -> [Double] {
    func value(_ y: Int, _ x: Int) -> Double {
      values[min(max(y, 0), rows - 1) * columns + min(max(x, 0), columns - 1)]
    }
    var blurred: [Double] = []
    for y in 0..<rows {
      for x in 0..<columns {
        let center = value(y, x) / 4
        let sides = (value(y - 1, x) + value(y + 1, x) + value(y, x - 1) + value(y, x + 1)) / 8
        let diagonals =
          value(y - 1, x - 1) + value(y - 1, x + 1) + value(y + 1, x - 1)
          + value(y + 1, x + 1)
        blurred.append(center + sides + diagonals / 16)
      }
    }
    return blurred
  }
}
