import Pictures

/// A rectangle of pixels.
struct Rectangle: Sendable, Hashable {
  let rows: Range<Int>
  let columns: Range<Int>

  var size: PixelSize { PixelSize(width: columns.count, height: rows.count) }
}

extension Rectangle: Comparable {
  /// The order of reading.
  static func < (a: Self, b: Self) -> Bool {
    (a.rows.lowerBound, a.columns.lowerBound) < (b.rows.lowerBound, b.columns.lowerBound)
  }
}
