import Engine

/// The mean and the covariance of a picture's colors, in which a pixel counts as much as it is
/// opaque.
public struct ColorStatistics: Sendable, Equatable {
  /// The mean of red, green and blue, 0…1.
  public let mean: SIMD3<Double>
  /// The covariance matrix.
  package let covariance: Matrix3

  /// Added to each variance, so that the covariance has an inverse: the deviation is about two
  /// of 255 levels.
  private static let leastVariance = 1e-4

  /// Computes the statistics of a picture.
  public init(of picture: Picture) {
    var (sum, products) = (SIMD3<Double>(), Matrix3.zero)
    let (values, weights) = (picture.pixels.elements, picture.colorWeights)
    for (pixel, weight) in weights.enumerated() {
      let color = SIMD3(
        Double(values[3 * pixel]), Double(values[3 * pixel + 1]), Double(values[3 * pixel + 2]))
      sum += weight * color
      for column in 0..<3 { products.columns[column] += weight * color * color[column] }
    }
    self.init(sum: sum, products: products, count: weights.reduce(0, +))
  }

  /// Combines the statistics of several pictures.
  ///
  /// - Parameter parts: statistics with weights, at least one of them above 0.
  public init(mixing parts: [(statistics: ColorStatistics, weight: Double)]) {
    var (sum, products) = (SIMD3<Double>(), Matrix3.zero)
    for (part, weight) in parts {
      sum += weight * part.mean
      for column in 0..<3 {
        products.columns[column] +=
          weight * (part.covariance.columns[column] + part.mean * part.mean[column])
      }
    }
    self.init(sum: sum, products: products, count: parts.reduce(0) { $0 + $1.weight })
  }

  private init(sum: SIMD3<Double>, products: Matrix3, count: Double) {
    mean = sum / count
    var covariance = products
    for column in 0..<3 {
      covariance.columns[column] /= count
      covariance.columns[column] -= mean * mean[column]
    }
    self.covariance = covariance
  }

  /// The linear map between centered colors that moves colors least.
  ///
  /// Pitié and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based
  /// Colour Transfer" (2007), equation 13.
  func map(to other: ColorStatistics) -> Matrix3 {
    let (root, inverse) = spread.squareRoot()
    let middle = root * other.spread * root
    return inverse * middle.squareRoot().root * inverse
  }

  /// The map `L' L⁻¹` with the Cholesky factors of both covariances.
  func choleskyMap(to other: ColorStatistics) -> Matrix3 {
    other.spread.choleskyFactor() * spread.choleskyFactor().inverse
  }

  /// The map `S' S⁻¹` with the symmetric square roots of both covariances, which scale along
  /// their principal axes.
  func principalMap(to other: ColorStatistics) -> Matrix3 {
    other.spread.squareRoot().root * spread.squareRoot().inverse
  }

  /// The covariance with `leastVariance` added, which has an inverse.
  private var spread: Matrix3 { covariance + .diagonal(Self.leastVariance) }
}

extension Picture {
  /// The picture with its colors changed to other statistics.
  ///
  /// - Parameter amount: from 0 for the unchanged picture to 1 for the full change.
  public func recolored(to statistics: ColorStatistics, amount: Double = 1) -> Picture {
    mapped(to: statistics, amount: amount) { $0.map(to: $1) }
  }

  /// The picture with a linear map applied to its centered colors.
  func mapped(
    to statistics: ColorStatistics, amount: Double = 1,
    by makeMap: (_ own: ColorStatistics, _ other: ColorStatistics) -> Matrix3
  ) -> Picture {
    let own = ColorStatistics(of: self)
    let map = makeMap(own, statistics)
    var elements = pixels.elements
    for i in stride(from: 0, to: elements.count, by: 3) {
      let color = SIMD3(Double(elements[i]), Double(elements[i + 1]), Double(elements[i + 2]))
      let target = map * (color - own.mean) + statistics.mean
      let moved = (color + amount * (target - color)).clamped(
        lowerBound: .init(), upperBound: .init(repeating: 1))
      for channel in 0..<3 { elements[i + channel] = Float(moved[channel]) }
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}
