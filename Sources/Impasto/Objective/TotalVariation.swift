import Engine

/// The total variation of a picture: the sum of squared differences of horizontal and vertical
/// neighbors (Mahendran and Vedaldi 2015, equation 4 with β = 2).
struct TotalVariation: Sendable {
  let height: Int
  let width: Int

  /// The total variation of a picture `[height, width, 3]`.
  func value(_ image: UnsafePointer<Float>, _ arithmetic: VectorArithmetic) -> Double {
    let row = 3 * width
    return arithmetic.sum(height * row) { range in
      var total = 0.0
      // The last pixel of a row has no right neighbor, and the last row no neighbor below.
      for y in range.lowerBound / row...(range.upperBound - 1) / row {
        let elements = range.clamped(to: y * row..<(y + 1) * row)
        total += Self.squares(image, elements.clamped(to: y * row..<(y + 1) * row - 3), ahead: 3)
        if y + 1 < height { total += Self.squares(image, elements, ahead: row) }
      }
      return total
    }
  }

  /// Adds `scale` times the gradient to `gradient`.
  func addGradient(
    _ image: UnsafePointer<Float>, scale: Float, to gradient: UnsafeMutablePointer<Float>,
    _ workspace: Workspace
  ) {
    let row = 3 * width
    let twice = 2 * scale
    workspace.parallelRanges(height, length: 16) { rows in
      for y in rows {
        let line = image + y * row
        let to = gradient + y * row
        for i in 0..<row - 3 { to[i] += twice * (line[i] - line[i + 3]) }
        for i in 3..<max(3, row) { to[i] += twice * (line[i] - line[i - 3]) }
        if y > 0 { for i in 0..<row { to[i] += twice * (line[i] - line[i - row]) } }
        if y + 1 < height { for i in 0..<row { to[i] += twice * (line[i] - line[i + row]) } }
      }
    }
  }

  /// The sum of squared differences between elements and the elements `distance` further on.
  private static func squares(
    _ image: UnsafePointer<Float>, _ range: Range<Int>, ahead distance: Int
  ) -> Double {
    typealias Lanes = SIMD8<Float>
    var sums = Lanes(repeating: 0)
    var i = range.lowerBound
    while i + Lanes.scalarCount <= range.upperBound {
      let here = UnsafeRawPointer(image + i)
      let difference =
        here.loadUnaligned(fromByteOffset: 4 * distance, as: Lanes.self)
        - here.loadUnaligned(as: Lanes.self)
      sums += difference * difference
      i += Lanes.scalarCount
    }
    var total = Double(sums.sum())
    for i in i..<max(i, range.upperBound) {
      let difference = image[i + distance] - image[i]
      total += Double(difference * difference)
    }
    return total
  }
}
