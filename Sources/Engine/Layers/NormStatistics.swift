/// The sums that an instance norm normalizes with, of a whole map or of its parts added up.
package struct NormStatistics: Sendable {
  /// The sums of the values of each channel, and then those of their squares.
  private var sums: [Double]
  /// The number of positions.
  private var positions: Int

  /// Makes the statistics of no positions.
  package init(channels: Int) {
    self.init(sums: [Double](repeating: 0, count: 2 * channels), positions: 0)
  }

  init(sums: [Double], positions: Int) {
    self.sums = sums
    self.positions = positions
  }

  /// Adds a rectangle of a map `[height, width, channels]`.
  package mutating func add(
    _ map: UnsafePointer<Float>, _ shape: MapShape, rows: Range<Int>, columns: Range<Int>,
    kernels: Kernels
  ) {
    let channels = shape.channels
    sums.withUnsafeMutableBufferPointer { sums in
      for row in rows {
        let start = map + (row * shape.width + columns.lowerBound) * channels
        kernels.table.pointee.moments(
          columns.count, channels, start, sums.baseAddress!, sums.baseAddress! + channels)
      }
    }
    positions += rows.count * columns.count
  }

  /// The means of the channels, and then 1 divided by their standard deviations.
  ///
  /// - Parameter epsilon: a constant added to the variance.
  func values(epsilon: Float) -> [Float] {
    let channels = sums.count / 2
    let means = (0..<channels).map { sums[$0] / Double(positions) }
    let deviations = (0..<channels).map { channel in
      let variance = max(
        0, sums[channels + channel] / Double(positions) - means[channel] * means[channel])
      return Float(1 / (variance + Double(epsilon)).squareRoot())
    }
    return means.map { Float($0) } + deviations
  }
}
