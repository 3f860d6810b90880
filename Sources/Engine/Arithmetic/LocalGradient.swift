/// A loss's gradient with respect to a map F that at each position depends on the
/// map there only: `F D + Σ T² F D + s (F - P)`, of which any part may be missing.
///
/// The first part is a Gram matrix's, the second that of Gram matrices of regions, the third
/// that of a squared distance from a map P. Because it is local, a convolution's backward can compute it for the tile
/// that it is about to write, and a map of gradients is never kept.
package struct LocalGradient {
  /// D, `[channels, channels]`.
  package var matrix: PackedMatrix?
  /// D and T of each region.
  package var regions: [(matrix: PackedMatrix, guide: GuidanceChannel)] = []
  /// P and s.
  package var distance: (target: UnsafePointer<Float>, scale: Float)?

  package init(
    matrix: PackedMatrix? = nil, distance: (target: UnsafePointer<Float>, scale: Float)? = nil
  ) {
    self.matrix = matrix
    self.distance = distance
  }

  /// Writes the gradient at some positions of a map, or adds it.
  ///
  /// - Parameters:
  ///   - map: the whole map.
  ///   - place: `[positions, channels]`, the first of them the range's first.
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
      for i in 0..<positions.count * channels { place[i] += scale * (features[i] - target[i]) }
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
