import Pictures

/// The size that a painting is used at: the larger, the larger its strokes in the result.
public enum StyleSize: Sendable, Hashable {
  /// Its longer side is this many times the photo's; a smaller painting keeps its size.
  case relative(Double)
  /// Its longer side is this many pixels; a smaller painting is enlarged.
  case longestSide(Int)

  /// The size that a painting is used at.
  ///
  /// - Parameters:
  ///   - painting: the painting's own size.
  ///   - photo: the size of the result.
  public func size(of painting: PixelSize, photo: PixelSize) -> PixelSize {
    switch self {
    case .relative(let scale):
      // The painting's own size is the most, however large the factor.
      painting.fitted(
        within: max(1, Int(min(Double(photo.longestSide) * scale, Double(painting.longestSide)))))
    case .longestSide(let side): painting.scaled(toLongestSide: side)
    }
  }
}
