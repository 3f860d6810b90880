import Engine

/// The widths in pixels of the margins around a picture.
public struct Margins: Sendable, Hashable {
  public var left: Int
  public var top: Int
  public var right: Int
  public var bottom: Int

  /// Makes margins of one width.
  public init(_ width: Int) {
    (left, top, right, bottom) = (width, width, width, width)
  }

  /// Makes the narrowest margins that extend a size to multiples of a number of pixels, with
  /// opposite margins of the same width or one pixel apart.
  ///
  /// - Parameter width: the minimum width of each margin.
  public init(atLeast width: Int, around size: PixelSize, multipleOf step: Int) {
    func pair(_ length: Int) -> (Int, Int) {
      let rest = (length + 2 * width) % step
      let more = rest == 0 ? 0 : step - rest
      return (width + more / 2, width + more - more / 2)
    }
    (left, right) = pair(size.width)
    (top, bottom) = pair(size.height)
  }
}

extension PixelSize {
  /// The size with margins.
  public func extended(by margins: Margins) -> PixelSize {
    PixelSize(
      width: width + margins.left + margins.right, height: height + margins.top + margins.bottom)
  }

  /// The size without margins.
  public func cropped(by margins: Margins) -> PixelSize {
    PixelSize(
      width: width - margins.left - margins.right, height: height - margins.top - margins.bottom)
  }
}

extension Picture {
  /// The picture with its mirror image around it.
  ///
  /// A margin wider than the picture repeats the mirror image.
  public func extended(by margins: Margins) -> Picture {
    guard margins != Margins(0) else { return self }
    return Picture(pixels: pixels.mirrored(by: margins), alpha: alpha?.mirrored(by: margins))
  }

  /// The picture without its outermost pixels.
  ///
  /// - Parameter margins: opposite ones are narrower than the picture together.
  public func cropped(by margins: Margins) -> Picture {
    guard margins != Margins(0) else { return self }
    return cut(size.cropped(by: margins), left: margins.left, top: margins.top)
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

  /// The mirror image, with left and right exchanged.
  package var mirrored: Picture {
    func exchanged(_ values: Tensor) -> Tensor {
      values.rearranged(to: size) { x, y in (width - 1 - x, y) }
    }
    return Picture(pixels: exchanged(pixels), alpha: alpha.map(exchanged))
  }

  /// A part of the picture.
  ///
  /// - Precondition: the part lies within the picture.
  package func cut(_ size: PixelSize, left: Int, top: Int) -> Picture {
    func part(_ values: Tensor) -> Tensor {
      values.rearranged(to: size) { x, y in (x + left, y + top) }
    }
    return Picture(pixels: part(pixels), alpha: alpha.map(part))
  }
}

extension Tensor {
  /// The image with its mirror image around it.
  ///
  /// - Precondition: the shape is `[height, width]` or `[height, width, channels]`.
  func mirrored(by margins: Margins) -> Tensor {
    guard margins != Margins(0) else { return self }
    let (height, width) = (shape[0], shape[1])
    let size = PixelSize(width: width, height: height).extended(by: margins)
    return rearranged(to: size) { x, y in
      (
        Self.mirrored(x - margins.left, within: width),
        Self.mirrored(y - margins.top, within: height)
      )
    }
  }

  private static func mirrored(_ position: Int, within length: Int) -> Int {
    let period = 2 * length
    let rest = ((position % period) + period) % period
    return min(rest, period - 1 - rest)
  }
}
