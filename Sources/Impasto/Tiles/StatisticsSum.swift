import Engine
import Networks

/// The statistics of a layer's features, added up from the tiles of a picture.
final class StatisticsSum {
  /// The Gram matrix and the means of all tiles, after `finish`.
  let matrix: GramMatrix
  /// The number of positions so far, or the sum of a guide's squares.
  private(set) var weight = 0.0
  private var elements: [Double]
  private var means: [Double]

  init(channels: Int, kernels: Kernels) {
    matrix = GramMatrix(channels: channels, kernels: kernels)
    elements = Array(repeating: 0, count: channels * channels)
    means = Array(repeating: 0, count: channels)
  }

  func reset() {
    weight = 0
    for i in elements.indices { elements[i] = 0 }
    for i in means.indices { means[i] = 0 }
  }

  /// Adds the statistics of a tile.
  ///
  /// - Parameter weight: the number that the tile's sums were divided by.
  func add(_ tile: GramMatrix, weight: Double) {
    self.weight += weight
    for i in elements.indices { elements[i] += weight * Double(tile.elements.pointer[i]) }
    for i in means.indices { means[i] += weight * Double(tile.means.pointer[i]) }
  }

  /// Computes `matrix`.
  func finish() {
    guard weight > 0 else { return }
    for i in elements.indices { matrix.elements.pointer[i] = Float(elements[i] / weight) }
    for i in means.indices { matrix.means.pointer[i] = Float(means[i] / weight) }
  }
}
