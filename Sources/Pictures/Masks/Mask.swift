import Engine

/// A region of a picture: 1 inside, 0 outside, with values between at soft edges.
public struct Mask: Sendable, Equatable {
  /// How much of each pixel belongs to the region: `[height, width]`, 0…1.
  public let values: Tensor

  /// Makes a mask from a picture: white is inside, black and transparent are outside.
  ///
  /// A picture whose visible pixels have one color describes the region by its opacity alone.
  public init(_ picture: Picture) {
    guard let alpha = picture.alpha else {
      self.init(values: picture.luminance)
      return
    }
    self.init(values: picture.hasOneColor ? alpha : picture.luminance.multiplied(by: alpha))
  }

  package init(values: Tensor) {
    self.values = values
  }

  /// The size in pixels.
  public var size: PixelSize { PixelSize(width: values.shape[1], height: values.shape[0]) }

  /// The region's share of the picture, 0…1.
  public var coverage: Double {
    values.elements.reduce(0) { $0 + Double($1) } / Double(values.elements.count)
  }

  /// The region in a picture of another size.
  public func resized(to size: PixelSize) throws -> Mask {
    guard size != self.size else { return self }
    return Mask(values: try values.resampled(to: size).clamped())
  }

  /// The region with its mirror image around it.
  public func extended(by margins: Margins) -> Mask {
    Mask(values: values.mirrored(by: margins))
  }

  /// The part of the region that is in another one too; the other is the whole picture if nil.
  ///
  /// - Precondition: both masks have the same size.
  public func intersection(_ other: Mask?) -> Mask {
    guard let other else { return self }
    return Mask(values: values.multiplied(by: other.values))
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

  /// Whether the visible pixels have the same color, up to the rounding of a resampled file.
  fileprivate var hasOneColor: Bool {
    var (least, largest) = (SIMD3<Float>(repeating: 1), SIMD3<Float>(repeating: 0))
    for (i, opacity) in alpha!.elements.enumerated() where opacity >= Self.leastOpacity {
      let color = SIMD3(
        pixels.elements[3 * i], pixels.elements[3 * i + 1], pixels.elements[3 * i + 2])
      least.replace(with: color, where: color .< least)
      largest.replace(with: color, where: color .> largest)
    }
    return (largest - least).max() < Self.sameColor
  }

  private static let sameColor: Float = 5.0 / 255
}
