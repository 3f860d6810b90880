import Pictures

/// A painting that provides the style of a transfer.
public struct Style: Sendable {
  /// The painting.
  public var painting: Picture
  /// The weight relative to the other styles, at least 0.
  public var weight: Double
  /// The size that the painting is used at; nil for that of the transfer's options.
  public var size: StyleSize?
  /// The part of the photo that the style applies to, in the photo's shape; nil for all of it.
  public var photoMask: Mask?
  /// The part of the painting that is used, in the painting's shape; nil for all of it.
  public var paintingMask: Mask?

  /// Makes a style.
  public init(
    _ painting: Picture, weight: Double = 1, size: StyleSize? = nil, photoMask: Mask? = nil,
    paintingMask: Mask? = nil
  ) {
    self.painting = painting
    self.weight = weight
    self.size = size
    self.photoMask = photoMask
    self.paintingMask = paintingMask
  }

  /// The part of the painting that is used and visible; nil for all of it.
  var usedPart: Mask? { paintingMask?.intersection(painting.visiblePart) ?? painting.visiblePart }

  /// The painting with everything transparent that is not used, for statistics of its colors.
  private var usedPainting: Picture { painting.withAlpha(usedPart?.values) }

  /// Whether the used part of the painting is gray.
  package var isGray: Bool { usedPainting.isGray }

  /// The style with its painting at another size.
  func resized(to size: PixelSize) throws -> Style {
    Style(
      try painting.resized(to: size), weight: weight, size: self.size, photoMask: photoMask,
      paintingMask: try paintingMask?.resized(to: size))
  }

  /// The style with the painting's colors matched to the photo's.
  func recolored(like photo: Picture, _ method: ColorMethod) throws -> Style {
    var style = self
    let used = usedPainting
    let recolored =
      method == .luminance
      ? used.grayMatched(to: photo) : try used.recolored(like: photo, method)
    style.painting = recolored.withAlpha(painting.alpha)
    return style
  }
}
