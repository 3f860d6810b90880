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

  /// The size at which a painting is used at a smaller scale of the photo.
  ///
  /// A relative size is that of a transfer whose result has the smaller size, so that strokes are
  /// equally large, compared with the photo, in results of all sizes.
  ///
  /// - Parameters:
  ///   - painting: the painting's size at the full scale.
  ///   - photo: the photo's size at the full scale.
  ///   - scale: the photo's size at the smaller scale.
  func size(of painting: PixelSize, photo: PixelSize, at scale: PixelSize) -> PixelSize {
    switch self {
    case .relative: size(of: painting, photo: scale)
    case .longestSide:
      painting.scaled(
        toLongestSide: max(
          1,
          Int(
            (Double(painting.longestSide) * Double(scale.longestSide) / Double(photo.longestSide))
              .rounded())))
    }
  }

  /// The painting's shorter side where it shrinks with the photo: from the full scale on, or for a
  /// painting that is small from where the photo is as small.
  func shrinkingSide(of painting: PixelSize, photo: PixelSize) -> Double {
    let own = Double(painting.shortestSide)
    guard case .relative(let factor) = self, own >= ScalePlan.shortestSide else { return own }
    return max(own, factor * Double(photo.longestSide) * own / Double(painting.longestSide))
  }
}
