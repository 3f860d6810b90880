import Engine

/// A region of a picture: 1 inside, 0 outside, with values between at soft edges.
public struct Mask: Sendable, Equatable {
  /// How much of each pixel belongs to the region: `[height, width]`, 0…1.
  public let values: Tensor

  /// Makes a mask from the luminance of a picture: white is inside, black is outside.
  public init(_ picture: Picture) {
    self.init(values: picture.luminance)
  }

  private init(values: Tensor) {
    self.values = values
  }

  /// The size in pixels.
  public var size: PixelSize { PixelSize(width: values.shape[1], height: values.shape[0]) }

  /// The region in a picture of another size.
  public func resized(to size: PixelSize) throws -> Mask {
    guard size != self.size else { return self }
    return Mask(values: try values.resampled(to: size).clamped())
  }

  /// The region with its mirror image around it.
  public func extended(by margin: Int) -> Mask {
    guard margin > 0 else { return self }
    return Mask(values: values.mirrored(by: margin))
  }
}

extension Picture {
  /// The picture with another one in a mask's region.
  ///
  /// - Precondition: both pictures and the mask have the same size.
  public func replaced(by other: Picture, where mask: Mask) -> Picture {
    precondition(size == other.size && size == mask.size)
    let parts = mask.values.elements
    let elements = pixels.elements.indices.map { i in
      let part = parts[i / 3]
      return part == 1
        ? other.pixels.elements[i]
        : pixels.elements[i] + part * (other.pixels.elements[i] - pixels.elements[i])
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}
