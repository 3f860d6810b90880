/// A loss's gradient with respect to a map F that at each position depends on the
/// map there only: `F D + s (F - P)`, of which either part may be missing.
///
/// The first part is a Gram matrix's, the second that of a squared distance from a
/// map P. Because it is local, a convolution's backward can compute it for the tile
/// that it is about to write, and a map of gradients is never kept.
package struct LocalGradient {
  /// D, `[channels, channels]`.
  package var matrix: PackedMatrix?
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
    if let (target, scale) = distance {
      let (features, target) = (map + offset, target + offset)
      for i in 0..<positions.count * channels { place[i] += scale * (features[i] - target[i]) }
    }
  }
}
