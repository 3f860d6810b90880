/// The degree to which each position of a feature map belongs to a region of the picture.
///
/// This is T of Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer",
/// section 4.1.
package struct GuidanceChannel: Sendable {
  /// `[positions]`, 0…1.
  package let values: FloatBuffer
  /// `Σ T²`, above 0.
  package let sumOfSquares: Double

  /// Downsamples a region's mask to the size of a map.
  ///
  /// - Parameters:
  ///   - mask: `[height, width]` of the picture, 0…1.
  ///   - stride: the pixels between neighboring positions of the map. A position gets the mean of
  ///     its pixels.
  ///   - roundingUp: whether pixels beyond the last whole position form another position.
  /// - Returns: nil if the mask is zero at all positions.
  package init?(mask: Tensor, stride: Int, roundingUp: Bool) {
    let more = roundingUp ? stride - 1 : 0
    let (height, width) = ((mask.shape[0] + more) / stride, (mask.shape[1] + more) / stride)
    values = FloatBuffer(count: height * width)
    var squares = 0.0
    for y in 0..<height {
      for x in 0..<width {
        var sum: Float = 0
        let rows = y * stride..<min((y + 1) * stride, mask.shape[0])
        let columns = x * stride..<min((x + 1) * stride, mask.shape[1])
        for row in rows {
          for column in columns { sum += mask.elements[row * mask.shape[1] + column] }
        }
        let mean = sum / Float(rows.count * columns.count)
        values.pointer[y * width + x] = mean
        squares += Double(mean * mean)
      }
    }
    guard squares > 0 else { return nil }
    sumOfSquares = squares
  }

  /// The region's share of the map, 0…1.
  package var share: Double { sumOfSquares / Double(values.count) }
}
