import Engine

/// A method to give a picture the colors of another one.
///
/// Gatys et al. (2016), "Preserving Color in Neural Artistic Style Transfer".
public enum ColorMethod: String, Sendable, Hashable, CaseIterable {
  /// Keeps the luminance and takes the other's chroma, in YIQ: "luminance-only transfer".
  case luminance
  /// Matches the distribution of each channel.
  case histogram
  /// Matches mean and covariance by Cholesky factors.
  case cholesky
  /// Matches mean and covariance by symmetric square roots of the covariances.
  case pca
}

extension Picture {
  /// The picture with the colors of another one.
  ///
  /// A pixel counts as much as it is opaque. If both pictures are gray, so is the result.
  ///
  /// - Throws: `PictureError` if memory runs out.
  public func recolored(like other: Picture, _ method: ColorMethod) throws -> Picture {
    let result =
      switch method {
      case .luminance: withChroma(of: try other.resized(to: size))
      case .histogram: withHistograms(of: other)
      case .cholesky: mapped(to: ColorStatistics(of: other)) { $0.choleskyMap(to: $1) }
      case .pca: mapped(to: ColorStatistics(of: other)) { $0.principalMap(to: $1) }
      }
    return isGray && other.isGray ? result.gray : result
  }

  /// The picture's luminance with another picture's chroma: Y of this one, I and Q of `other`,
  /// in the YIQ space of NTSC television.
  ///
  /// - Precondition: both have the same size.
  public func withChroma(of other: Picture) -> Picture {
    precondition(size == other.size)
    var elements = other.pixels.elements
    for i in stride(from: 0, to: elements.count, by: 3) {
      // I and Q are differences of colors, so adding the same number to all three
      // changes only Y.
      let shift = Self.luminance(pixels.elements, i) - Self.luminance(elements, i)
      for channel in i..<i + 3 { elements[channel] = min(max(elements[channel] + shift, 0), 1) }
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }

  /// Whether every visible pixel is gray, up to a rounded level of 8 bits between its channels.
  public var isGray: Bool {
    let values = pixels.elements
    return (0..<values.count / 3).allSatisfy { i in
      guard alpha == nil || alpha!.elements[i] >= Self.leastOpacity else { return true }
      let (red, green, blue) = (values[3 * i], values[3 * i + 1], values[3 * i + 2])
      return max(red, green, blue) - min(red, green, blue) < 1.5 / 255
    }
  }

  /// The picture in gray: its luminance in all three channels.
  package var gray: Picture { gray(luminance.elements) }

  /// The picture in gray with the mean and the standard deviation of another one's
  /// luminance, as Gatys et al. (2016) do before a luminance-only transfer.
  package func grayMatched(to other: Picture) -> Picture {
    let own = luminance
    let (ownMean, ownDeviation) = moments(own)
    let (mean, deviation) = other.moments(other.luminance)
    let scale = ownDeviation > 0 ? deviation / ownDeviation : 0
    return gray(
      own.elements.map { Float(min(max(scale * (Double($0) - ownMean) + mean, 0), 1)) })
  }

  /// Y of the YIQ color space: `[height, width]`, 0…1.
  var luminance: Tensor {
    let values = pixels.elements
    return Tensor(
      shape: [height, width],
      elements: stride(from: 0, to: values.count, by: 3).map { Self.luminance(values, $0) })
  }

  private func gray(_ values: [Float]) -> Picture {
    Picture(
      pixels: Tensor(shape: pixels.shape, elements: values.flatMap { [$0, $0, $0] }), alpha: alpha)
  }

  /// How much each pixel counts in statistics of colors: its opacity. All pixels of a picture
  /// without a visible one count alike.
  var colorWeights: [Double] {
    guard let alpha, alpha.elements.contains(where: { $0 > 0 }) else {
      return Array(repeating: 1, count: width * height)
    }
    return alpha.elements.map(Double.init)
  }

  private func moments(_ values: Tensor) -> (mean: Double, deviation: Double) {
    let weights = colorWeights
    let (sum, squares) = zip(values.elements, weights).reduce((0.0, 0.0)) {
      let (value, weight) = (Double($1.0), $1.1)
      return ($0.0 + weight * value, $0.1 + weight * (value * value))
    }
    let count = weights.reduce(0, +)
    let mean = sum / count
    return (mean, max(0, squares / count - mean * mean).squareRoot())
  }

  private static func luminance(_ values: [Float], _ i: Int) -> Float {
    // The sum would round a gray value.
    guard values[i] != values[i + 1] || values[i] != values[i + 2] else { return values[i] }
    return 0.299 * values[i] + 0.587 * values[i + 1] + 0.114 * values[i + 2]
  }
}
