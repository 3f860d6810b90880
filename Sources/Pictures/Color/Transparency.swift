import Engine

extension Picture {
  /// The picture in front of white, opaque.
  public var overWhite: Picture {
    guard let alpha else { return self }
    let elements = pixels.elements.enumerated().map { i, value in
      alpha.elements[i / 3] * value + (1 - alpha.elements[i / 3])
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements))
  }

  /// The opacity as a mask; nil for an opaque picture.
  public var visiblePart: Mask? { alpha.map { Mask(values: $0) } }

  /// The part that is visible in this picture and in another one; nil if both are opaque.
  ///
  /// A result has its photo's opacity, which counts once.
  ///
  /// - Precondition: both have the same size.
  public func visiblePart(with other: Picture) -> Mask? {
    guard let alpha, let another = other.alpha else { return visiblePart ?? other.visiblePart }
    return Mask(
      values: Tensor(shape: alpha.shape, elements: zip(alpha.elements, another.elements).map(min)))
  }

  /// The same colors with another opacity.
  package func withAlpha(_ alpha: Tensor?) -> Picture { Picture(pixels: pixels, alpha: alpha) }

  /// The opacity below which a pixel is invisible: half a level of 8 bits.
  static let leastOpacity: Float = 0.5 / 255
}
