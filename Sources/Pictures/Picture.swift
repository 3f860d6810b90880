import Engine

/// A picture in memory: sRGB values and optional transparency.
public struct Picture: Sendable, Equatable {
  /// Red, green and blue, gamma-encoded sRGB: `[height, width, 3]`, 0…1, not multiplied by the
  /// opacity.
  ///
  /// Invisible pixels of decoded and resized pictures have colors like the visible ones around
  /// them.
  public let pixels: Tensor
  /// The opacity: `[height, width]`, 0 transparent to 1 opaque; nil for an opaque picture.
  public let alpha: Tensor?

  /// The height in pixels.
  public var height: Int { pixels.shape[0] }
  /// The width in pixels.
  public var width: Int { pixels.shape[1] }

  /// Makes a picture from its values.
  ///
  /// - Precondition: `pixels` is `[height, width, 3]`, and `alpha` `[height, width]`.
  public init(pixels: Tensor, alpha: Tensor? = nil) {
    precondition(pixels.shape.count == 3 && pixels.shape[2] == 3)
    precondition(alpha == nil || alpha!.shape == Array(pixels.shape.prefix(2)))
    self.pixels = pixels
    self.alpha = alpha
  }

  /// Reads a picture file.
  ///
  /// - Parameter longestSide: shrinks the picture to at most this many pixels on its longer
  ///   side; nil keeps the size.
  /// - Throws: `PictureError.unreadable`.
  public init(contentsOf path: String, longestSide: Int? = nil) throws {
    let file = try PictureFile(path)
    self = try file.decoded(longestSide.map { file.size.fitted(within: $0) } ?? file.size)
  }

  /// The picture in another size, resampled with a Lanczos kernel. A pixel counts as much as it is
  /// opaque.
  public func resized(to size: PixelSize) throws -> Picture {
    guard size != self.size else { return self }
    guard let alpha else { return Picture(pixels: try pixels.resampled(to: size).clamped()) }
    let opacity = try alpha.resampled(to: size)
    let weighted = try pixels.multiplied(by: alpha).resampled(to: size)
    let colors = weighted.elements.enumerated().map { i, value in
      value / max(opacity.elements[i / 3], Self.leastOpacity)
    }
    return Picture(
      pixels: Tensor(shape: weighted.shape, elements: colors).clamped(), alpha: opacity.clamped()
    ).withVisibleColorsContinued()
  }

  /// The width and height in pixels.
  public var size: PixelSize { PixelSize(width: width, height: height) }
}
