/// A gradient with respect to a map F whose value at each position depends on that position only:
/// `F D + b + Σ T² (F D + b) + s T² (F - P) + Σ U`. Every term is optional.
///
/// The first term is the gradient of a loss of the Gram matrix, with that of the channels' means in
/// b. The second is the same for regions, and the third the gradient of a squared distance from a
/// map P, in a region or everywhere. U are gradients from elsewhere. Because the gradient is local, a convolution's backward pass computes it for
/// each tile that it writes, and no map of loss gradients is stored.
package struct LocalGradient {
  /// The gradient of a loss of the Gram matrix and the means.
  package struct Statistics {
    /// D, `[channels, channels]`.
    package let matrix: PackedMatrix
    /// b, `[channels]`; nil for zeros.
    package let offset: FloatBuffer?

    package init(matrix: PackedMatrix, offset: FloatBuffer? = nil) {
      self.matrix = matrix
      self.offset = offset
    }
  }

  /// D and b of the whole map.
  package var statistics: Statistics?
  /// D, b and T for each region.
  package var regions: [(statistics: Statistics, guide: GuidanceChannel)] = []
  /// P and s.
  package var distance: (target: UnsafePointer<Float>, scale: Float)?
  /// T of the third term; nil for 1 everywhere.
  package var distanceGuide: GuidanceChannel?
  /// U, each in the shape of the map.
  package var upstream: [UnsafePointer<Float>]
  /// The positions outside of which all terms but U are zero; nil for the whole map.
  package var part: MapPart?

  package init(
    statistics: Statistics? = nil, distance: (target: UnsafePointer<Float>, scale: Float)? = nil,
    distanceGuide: GuidanceChannel? = nil, upstream: [UnsafePointer<Float>] = [],
    part: MapPart? = nil
  ) {
    self.statistics = statistics
    self.distance = distance
    self.distanceGuide = distanceGuide
    self.upstream = upstream
    self.part = part
  }

  /// Writes or adds the gradient at a range of positions.
  ///
  /// - Parameters:
  ///   - map: the whole map.
  ///   - place: receives `[positions, channels]` for the range.
  package func write(
    at positions: Range<Int>, of map: UnsafePointer<Float>, channels: Int,
    to place: UnsafeMutablePointer<Float>, adding: Bool = false, kernels: Kernels
  ) {
    let count = positions.count * channels
    if let part {
      if !adding { place.update(repeating: 0, count: count) }
      part.forEachRun(in: positions) { run in
        writeLosses(
          at: run, of: map, channels: channels,
          to: place + (run.lowerBound - positions.lowerBound) * channels, adding: adding,
          kernels: kernels)
      }
    } else {
      writeLosses(
        at: positions, of: map, channels: channels, to: place, adding: adding, kernels: kernels)
    }
    for upstream in upstream {
      let gradient = upstream + positions.lowerBound * channels
      for i in 0..<count { place[i] += gradient[i] }
    }
  }

  /// Writes or adds all terms but U.
  private func writeLosses(
    at positions: Range<Int>, of map: UnsafePointer<Float>, channels: Int,
    to place: UnsafeMutablePointer<Float>, adding: Bool, kernels: Kernels
  ) {
    let offset = positions.lowerBound * channels
    if let statistics {
      statistics.matrix.multiply(
        rows: positions.count, a: map + offset, into: place, adding: adding, kernels: kernels)
      if let means = statistics.offset?.pointer {
        for row in 0..<positions.count {
          for channel in 0..<channels { place[row * channels + channel] += means[channel] }
        }
      }
    } else if !adding {
      place.update(repeating: 0, count: positions.count * channels)
    }
    for (statistics, guide) in regions {
      addRegion(
        statistics, guide, at: positions, of: map + offset, channels: channels, to: place,
        kernels: kernels)
    }
    if let (target, scale) = distance {
      let (features, target) = (map + offset, target + offset)
      if let distanceGuide {
        Self.addDistance(
          features, target, scale, distanceGuide, at: positions, channels: channels, to: place)
      } else {
        for i in 0..<positions.count * channels { place[i] += scale * (features[i] - target[i]) }
      }
    }
  }

  private static func addDistance(
    _ features: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ scale: Float,
    _ guide: GuidanceChannel, at positions: Range<Int>, channels: Int,
    to place: UnsafeMutablePointer<Float>
  ) {
    for (row, position) in positions.enumerated() {
      let factor = scale * guide.values.pointer[position] * guide.values.pointer[position]
      for i in row * channels..<(row + 1) * channels {
        place[i] += factor * (features[i] - target[i])
      }
    }
  }

  private func addRegion(
    _ statistics: Statistics, _ guide: GuidanceChannel, at positions: Range<Int>,
    of rows: UnsafePointer<Float>, channels: Int, to place: UnsafeMutablePointer<Float>,
    kernels: Kernels
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: positions.count * channels) { guided in
      let guided = guided.baseAddress!
      for (row, position) in positions.enumerated() {
        let factor = guide.values.pointer[position] * guide.values.pointer[position]
        for i in row * channels..<(row + 1) * channels { guided[i] = factor * rows[i] }
      }
      statistics.matrix.multiply(
        rows: positions.count, a: guided, into: place, adding: true, kernels: kernels)
    }
    guard let means = statistics.offset?.pointer else { return }
    for (row, position) in positions.enumerated() {
      let factor = guide.values.pointer[position] * guide.values.pointer[position]
      for channel in 0..<channels { place[row * channels + channel] += factor * means[channel] }
    }
  }
}
