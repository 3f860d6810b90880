import Engine

/// A region of a picture, as a grey picture says it: white belongs to it, black does not.
public struct Mask: Sendable, Equatable {
  private let picture: Picture

  /// A region that the luminance of a picture says.
  public init(_ picture: Picture) {
    self.init(grey: picture.grey)
  }

  private init(grey: Picture) {
    picture = Picture(pixels: grey.pixels)
  }

  /// `[height, width]`, 0…1.
  public var values: Tensor {
    Tensor(
      shape: [picture.height, picture.width],
      elements: stride(from: 0, to: picture.pixels.elements.count, by: 3).map {
        picture.pixels.elements[$0]
      })
  }

  /// In pixels.
  public var size: PixelSize { picture.size }

  /// The region in a picture of another size.
  public func resized(to size: PixelSize) throws -> Mask {
    Mask(grey: try picture.resized(to: size))
  }

  /// The region with its mirror image around it.
  public func extended(by margin: Int) -> Mask {
    Mask(grey: picture.extended(by: margin))
  }
}

extension Picture {
  /// The picture with another one where a mask is white.
  ///
  /// - Precondition: all have the same size.
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
