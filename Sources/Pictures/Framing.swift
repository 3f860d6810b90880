import Engine

extension PixelSize {
  /// The size with so many pixels more at each side.
  public func extended(by margin: Int) -> PixelSize {
    PixelSize(width: width + 2 * margin, height: height + 2 * margin)
  }
}

extension Picture {
  /// The picture with its mirror image around it, opaque.
  ///
  /// - Parameter margin: how many pixels of it at each side; where it is wider than the
  ///   picture, the mirror image is mirrored again.
  public func extended(by margin: Int) -> Picture {
    guard margin > 0 else { return self }
    return rearranged(to: size.extended(by: margin)) { x, y in
      (Self.mirrored(x - margin, within: width), Self.mirrored(y - margin, within: height))
    }
  }

  /// The picture without its outermost pixels, opaque.
  ///
  /// - Parameter margin: how many at each side, less than half of the shorter side.
  public func cropped(by margin: Int) -> Picture {
    guard margin > 0 else { return self }
    return rearranged(to: size.extended(by: -margin)) { x, y in (x + margin, y + margin) }
  }

  /// The middle of the picture, enlarged or shrunk so that it fills a size.
  public func covering(_ size: PixelSize) throws -> Picture {
    let scale = max(
      Double(size.width) / Double(width), Double(size.height) / Double(height))
    let whole = PixelSize(
      width: max(size.width, Int((Double(width) * scale).rounded())),
      height: max(size.height, Int((Double(height) * scale).rounded())))
    let (left, top) = ((whole.width - size.width) / 2, (whole.height - size.height) / 2)
    return try resized(to: whole).rearranged(to: size) { x, y in (x + left, y + top) }
  }

  /// A part of the picture, opaque.
  ///
  /// - Precondition: it lies within.
  package func cut(_ size: PixelSize, left: Int, top: Int) -> Picture {
    rearranged(to: size) { x, y in (x + left, y + top) }
  }

  private func rearranged(to size: PixelSize, _ source: (Int, Int) -> (Int, Int)) -> Picture {
    let old = pixels.elements
    let elements = [Float](unsafeUninitializedCapacity: 3 * size.width * size.height) {
      new, count in
      count = new.count
      for y in 0..<size.height {
        for x in 0..<size.width {
          let (fromX, fromY) = source(x, y)
          let (to, from) = (3 * (y * size.width + x), 3 * (fromY * width + fromX))
          for channel in 0..<3 { new[to + channel] = old[from + channel] }
        }
      }
    }
    return Picture(pixels: Tensor(shape: [size.height, size.width, 3], elements: elements))
  }

  private static func mirrored(_ position: Int, within length: Int) -> Int {
    let period = 2 * length
    let rest = ((position % period) + period) % period
    return min(rest, period - 1 - rest)
  }
}
