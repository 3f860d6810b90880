import CVips
import Engine

extension Tensor {
  /// The image in another size, resampled with a Lanczos kernel, which overshoots at edges.
  ///
  /// - Precondition: the shape is `[height, width]` or `[height, width, channels]`.
  /// - Throws: `PictureError` if memory runs out.
  func resampled(to size: PixelSize) throws -> Tensor {
    precondition(shape.count == 2 || shape.count == 3)
    let channels = Array(shape.dropFirst(2))
    let bands = channels.first ?? 1
    var values = [Float](repeating: 0, count: size.width * size.height * bands)
    let failure = try elements.withUnsafeBytes { elements in
      var pixels = cvips_pixels()
      pixels.values = elements.baseAddress
      (pixels.width, pixels.height, pixels.bands) = (shape[1], shape[0], bands)
      pixels.kind = CVIPS_FLOATS
      return try VipsLibrary.call { cvips_resize(&pixels, size.width, size.height, &values) }
    }
    if let failure { throw PictureError.unreadable(path: "picture in memory", reason: failure) }
    return Tensor(shape: [size.height, size.width] + channels, elements: values)
  }

  /// The image with each pixel multiplied by a factor.
  ///
  /// - Parameter factors: `[height, width]`.
  func multiplied(by factors: Tensor) -> Tensor {
    let bands = elements.count / factors.elements.count
    return Tensor(
      shape: shape, elements: elements.enumerated().map { $1 * factors.elements[$0 / bands] })
  }

  /// The tensor with its values limited to 0…1.
  func clamped() -> Tensor {
    Tensor(shape: shape, elements: elements.map { min(max($0, 0), 1) })
  }

  /// An image whose pixel at `(x, y)` is this one's at `source(x, y)`.
  ///
  /// - Precondition: the shape is `[height, width]` or `[height, width, channels]`, and `source`
  ///   stays within.
  func rearranged(to size: PixelSize, _ source: (Int, Int) -> (Int, Int)) -> Tensor {
    precondition(shape.count == 2 || shape.count == 3)
    let channels = Array(shape.dropFirst(2))
    let bands = channels.first ?? 1
    let width = shape[1]
    let result = [Float](unsafeUninitializedCapacity: bands * size.width * size.height) {
      new, count in
      count = bands * size.width * size.height
      for y in 0..<size.height {
        for x in 0..<size.width {
          let (fromX, fromY) = source(x, y)
          let (to, from) = (bands * (y * size.width + x), bands * (fromY * width + fromX))
          for band in 0..<bands { new[to + band] = elements[from + band] }
        }
      }
    }
    return Tensor(shape: [size.height, size.width] + channels, elements: result)
  }
}
