import Engine

/// The mean products of the channels' features in a painting, and their means.
package struct FeatureStatistics: Sendable {
  /// The Gram matrix, `[channels, channels]`, divided by the number of positions.
  package var gram: [Float]
  /// `[channels]`.
  var means: [Float]

  init(_ matrix: GramMatrix) {
    gram = matrix.elements.elements
    means = matrix.means.elements
  }

  /// The statistics of several paintings together, each with its share of the positions.
  init(mixing parts: [(statistics: FeatureStatistics, share: Double)]) {
    gram = Self.sum(parts.map { ($0.statistics.gram, Float($0.share)) })
    means = Self.sum(parts.map { ($0.statistics.means, Float($0.share)) })
  }

  private static func sum(_ terms: [(values: [Float], factor: Float)]) -> [Float] {
    var sum = [Float](repeating: 0, count: terms[0].values.count)
    for (values, factor) in terms {
      for (i, value) in values.enumerated() { sum[i] += factor * value }
    }
    return sum
  }
}
