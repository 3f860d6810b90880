/// A gradient with respect to a map F whose value at each position depends on that position only:
/// `F D + Σ T² F D + s T² (F - P) + Σ U`. Every term is optional.
///
/// The first term is the gradient of a loss of the Gram matrix, the second that of the Gram
/// matrices of regions, and the third that of a squared distance from a map P, in a region or everywhere. U are gradients
/// from elsewhere. Because the gradient is local, a convolution's backward pass computes it for
/// each tile that it writes, and no map of loss gradients is stored.
package struct LocalGradient {
  /// D, `[channels, channels]`.
  package var matrix: PackedMatrix?
  /// D and T for each region.
  package var regions: [(matrix: PackedMatrix, guide: GuidanceChannel)] = []
  /// P and s.
  package var distance: (target: UnsafePointer<Float>, scale: Float)?
  /// T of the third term; nil for 1 everywhere.
  package var distanceGuide: GuidanceChannel?
  /// U, each in the shape of the map.
  package var upstream: [UnsafePointer<Float>]

  package init(
    matrix: PackedMatrix? = nil, distance: (target: UnsafePointer<Float>, scale: Float)? = nil,
    distanceGuide: GuidanceChannel? = nil, upstream: [UnsafePointer<Float>] = []
  ) {
    self.matrix = matrix
    self.distance = distance
    self.distanceGuide = distanceGuide
    self.upstream = upstream
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
    let offset = positions.lowerBound * channels
    if let matrix {
      matrix.multiply(
        rows: positions.count, a: map + offset, into: place, adding: adding, kernels: kernels)
    } else if !adding {
      place.update(repeating: 0, count: positions.count * channels)
    }
    for (matrix, guide) in regions {
      addRegion(
        matrix, guide, at: positions, of: map + offset, channels: channels, to: place,
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
    for upstream in upstream {
      let gradient = upstream + offset
      for i in 0..<positions.count * channels { place[i] += gradient[i] }
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
    _ matrix: PackedMatrix, _ guide: GuidanceChannel, at positions: Range<Int>,
    of rows: UnsafePointer<Float>, channels: Int, to place: UnsafeMutablePointer<Float>,
    kernels: Kernels
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: positions.count * channels) { guided in
      let guided = guided.baseAddress!
      for (row, position) in positions.enumerated() {
        let factor = guide.values.pointer[position] * guide.values.pointer[position]
        for i in row * channels..<(row + 1) * channels { guided[i] = factor * rows[i] }
      }
      matrix.multiply(
        rows: positions.count, a: guided, into: place, adding: true, kernels: kernels)
    }
  }
}
