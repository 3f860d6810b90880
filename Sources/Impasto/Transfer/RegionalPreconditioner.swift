import Engine

/// A preconditioner that lets smooth regions of a picture change as much as busy ones.
///
/// The gradients in a busy region are several times those in a sky, but both must change by a
/// similar amount. The preconditioner therefore divides a gradient by its root mean square in the
/// region: a block of 8x8 pixels and a share of the surrounding blocks. docs/Method.md has the
/// measurements.
package struct RegionalPreconditioner: Preconditioner {
  private let height: Int
  private let width: Int

  /// The side of a block in pixels.
  private static let side = 8
  /// The addend that limits the steps of flat regions, relative to the mean gradient.
  private static let leastSize = 0.1

  /// Makes a preconditioner for pictures of one size.
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

  /// Computes the mean square of the gradient in each block of a row.
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

  /// The elements of a line of pixels that belong to a column of blocks.
  private func elements(ofColumn column: Int) -> Range<Int> {
    column * Self.side * 3..<min(width, (column + 1) * Self.side) * 3
  }

  /// Blurs values with a 3x3 kernel: neighbors have half the weight of the center, and corners a
  /// quarter. The border is replicated.
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
