import Engine

extension PixelSize {
  /// The size with `margin` more pixels at each side.
  public func extended(by margin: Int) -> PixelSize {
    PixelSize(width: width + 2 * margin, height: height + 2 * margin)
  }
}

extension Picture {
  /// The picture with its mirror image around it, opaque.
  ///
  /// - Parameter margin: pixels at each side. A margin wider than the picture repeats the
  ///   mirror image.
  public func extended(by margin: Int) -> Picture {
    guard margin > 0 else { return self }
    return Picture(pixels: pixels.mirrored(by: margin))
  }

  /// The picture without its outermost pixels, opaque.
  ///
  /// - Parameter margin: pixels at each side, less than half of the shorter side.
  public func cropped(by margin: Int) -> Picture {
    guard margin > 0 else { return self }
    return cut(size.extended(by: -margin), left: margin, top: margin)
  }

  /// The middle of the picture, enlarged or shrunk so that it fills a size.
  public func covering(_ size: PixelSize) throws -> Picture {
    let scale = max(
      Double(size.width) / Double(width), Double(size.height) / Double(height))
    let whole = PixelSize(
      width: max(size.width, Int((Double(width) * scale).rounded())),
      height: max(size.height, Int((Double(height) * scale).rounded())))
    return try resized(to: whole).cut(
      size, left: (whole.width - size.width) / 2, top: (whole.height - size.height) / 2)
  }

  /// A part of the picture, opaque.
  ///
  /// - Precondition: the part lies within the picture.
  package func cut(_ size: PixelSize, left: Int, top: Int) -> Picture {
    Picture(pixels: pixels.rearranged(to: size) { x, y in (x + left, y + top) })
  }
}

extension Tensor {
  /// The image with its mirror image around it.
  ///
  /// - Precondition: the shape is `[height, width]` or `[height, width, channels]`.
  func mirrored(by margin: Int) -> Tensor {
    let (height, width) = (shape[0], shape[1])
    return rearranged(to: PixelSize(width: width, height: height).extended(by: margin)) { x, y in
      (Self.mirrored(x - margin, within: width), Self.mirrored(y - margin, within: height))
    }
  }

  private static func mirrored(_ position: Int, within length: Int) -> Int {
    let period = 2 * length
    let rest = ((position % period) + period) % period
    return min(rest, period - 1 - rest)
  }
}
