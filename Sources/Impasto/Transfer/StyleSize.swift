import Pictures

/// The size at which a painting is used. A larger size gives larger strokes.
public enum StyleSize: Sendable, Hashable {
  /// A multiple of the photo's longer side; a smaller painting keeps its size.
  case relative(Double)
  /// The longer side in pixels; a smaller painting is enlarged.
  case longestSide(Int)

  /// The size at which a painting is used.
  ///
  /// - Parameters:
  ///   - painting: the painting's own size.
  ///   - photo: the size of the result.
  public func size(of painting: PixelSize, photo: PixelSize) -> PixelSize {
    switch self {
    case .relative(let scale):
      // The minimum comes before Int(), which traps on large factors.
      painting.fitted(
        within: max(1, Int(min(Double(photo.longestSide) * scale, Double(painting.longestSide)))))
    case .longestSide(let side): painting.scaled(toLongestSide: side)
    }
  }
}
