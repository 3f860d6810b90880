import Engine

/// Keeps a picture gray while an optimizer changes it.
///
/// The optimizer minimizes the objective among gray pictures. From a gray start, with gradients whose
/// three channels are their mean, all of its steps stay gray.
enum GrayPixels {
  /// Replaces the channels of each pixel by their mean.
  static func replace(_ values: FloatBuffer, in space: VectorSpace) {
    let pixels = values.count / 3
    let part = 1 << 13
    let values = values.pointer
    space.forParts((pixels + part - 1) / part) { index in
      for pixel in index * part..<min(pixels, (index + 1) * part) {
        let i = 3 * pixel
        let mean = (values[i] + values[i + 1] + values[i + 2]) / 3
        (values[i], values[i + 1], values[i + 2]) = (mean, mean, mean)
      }
    }
  }
}
