/// The Gram matrix of a feature map, `G = Fᵀ F / M` with F the map as a matrix of
/// M positions by N channels: Gatys, Ecker and Bethge (2015), equation 3, divided
/// by M so that pictures of different sizes compare.
package struct GramMatrix: Sendable {
  package let channels: Int
  /// `[channels, channels]`, symmetric.
  package let elements: FloatBuffer
  private let partial: [FloatBuffer]
  private let packed: PackedMatrix

  /// However many threads there are, positions are summed in this many parts and
  /// the parts in order, so that the result has the same bytes.
  private static let parts = 8

  package init(channels: Int, kernels: Kernels) {
    self.channels = channels
    let padded = Self.paddedChannels(channels, kernels)
    elements = FloatBuffer(count: channels * channels)
    partial = (0..<Self.parts).map { _ in FloatBuffer(count: padded * padded) }
    packed = PackedMatrix(depth: channels, columns: channels, kernels: kernels)
  }

  private static func paddedChannels(_ channels: Int, _ kernels: Kernels) -> Int {
    let multiple = kernels.channelMultiple
    return (channels + multiple - 1) / multiple * multiple
  }

  /// Computes the matrix of a map.
  package func update(_ map: UnsafePointer<Float>, positions: Int, workspace: Workspace) {
    let padded = Self.paddedChannels(channels, workspace.kernels)
    let partLength = (positions + Self.parts - 1) / Self.parts
    // A block of positions stays in the second-level cache while all pairs of
    // channels pass over it.
    let block = max(32, 65536 / padded)
    workspace.parallel(Self.parts, scratch: block * padded) { part, scratch in
      let sum = partial[part].pointer
      sum.update(repeating: 0, count: padded * padded)
      let end = min(positions, (part + 1) * partLength)
      for start in stride(from: part * partLength, to: end, by: block) {
        let count = min(block, end - start)
        var rows = map + start * channels
        if padded != channels {
          scratch.update(repeating: 0, count: count * padded)
          for row in 0..<count {
            (scratch + row * padded).update(from: rows + row * channels, count: channels)
          }
          rows = UnsafePointer(scratch)
        }
        workspace.kernels.table.pointee.gram(count, padded, rows, sum)
      }
    }
    let scale = 1 / Float(positions)
    workspace.parallel(channels) { i in
      for j in i..<channels {
        var sum: Float = 0
        for part in partial { sum += part.pointer[i * padded + j] }
        elements.pointer[i * channels + j] = scale * sum
        elements.pointer[j * channels + i] = scale * sum
      }
    }
  }

  /// Adds the gradient with respect to the map, for a loss whose gradient with
  /// respect to the matrix is `derivative(row, column)`, symmetric:
  /// `dL/dF = 2 F (dL/dG) / M`.
  package func addGradient(
    derivative: (_ row: Int, _ column: Int) -> Float, map: UnsafePointer<Float>, positions: Int,
    to gradient: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let scale = 2 / Float(positions)
    packed.fill { scale * derivative($0, $1) }
    let block = max(48, 49152 / channels)
    workspace.parallelRanges(positions, length: block) { range in
      packed.multiply(
        rows: range.count, a: map + range.lowerBound * channels,
        into: gradient + range.lowerBound * channels,
        adding: true, kernels: workspace.kernels)
    }
  }
}
