/// The Gram matrix of a feature map, `G = Fᵀ F / M` with F the map as a matrix of
/// M positions by N channels: Gatys, Ecker and Bethge (2015), equation 3, divided
/// by M so that pictures of different sizes compare.
package struct GramMatrix: Sendable {
  package let channels: Int
  /// `[channels, channels]`, symmetric.
  package let elements: FloatBuffer
  /// However many threads there are, positions are summed in this many parts and
  /// the parts in order, so that the result has the same bytes.
  let parts: Int
  private let kernels: Kernels
  private let paddedChannels: Int

  package init(channels: Int, kernels: Kernels) {
    self.channels = channels
    self.kernels = kernels
    let multiple = kernels.channelMultiple
    paddedChannels = (channels + multiple - 1) / multiple * multiple
    // As many as cost no more memory than a few large matrices do.
    parts = min(64, max(4, 512 * 512 / (paddedChannels * paddedChannels)))
    elements = FloatBuffer(count: channels * channels)
  }

  /// Computes the matrix of a map.
  ///
  /// - Parameter guide: what the map's values at each position are multiplied by; the matrix is
  ///   then a mean in which a position counts with its square.
  package func update(
    _ map: UnsafePointer<Float>, positions: Int, guide: GuidanceChannel? = nil,
    workspace: Workspace
  ) {
    let padded = paddedChannels
    let partLength = (positions + parts - 1) / parts
    // A block of positions stays in the second-level cache while all pairs of
    // channels pass over it.
    let block = max(32, 65536 / padded)
    let sums = startSum(workspace)
    workspace.parallel(parts, scratch: block * padded) { part, scratch in
      let end = min(positions, (part + 1) * partLength)
      for start in stride(from: part * partLength, to: end, by: block) {
        let count = min(block, end - start)
        var rows = map + start * channels
        if padded != channels || guide != nil {
          scratch.update(repeating: 0, count: count * padded)
          for row in 0..<count {
            let (from, to) = (rows + row * channels, scratch + row * padded)
            if let guide {
              let factor = guide.values.pointer[start + row]
              for channel in 0..<channels { to[channel] = factor * from[channel] }
            } else {
              to.update(from: from, count: channels)
            }
          }
          rows = UnsafePointer(scratch)
        }
        add(rows, positions: count, to: sums[part])
      }
    }
    finishSum(sums, divisor: guide?.sumOfSquares ?? Double(positions), workspace: workspace)
  }

  /// Sets the sums of all parts to zero. They are the workspace's shared memory.
  func startSum(_ workspace: Workspace) -> [UnsafeMutablePointer<Float>] {
    let count = paddedChannels * paddedChannels
    let sums = workspace.shared(parts * count)
    workspace.parallel(parts) { (sums + $0 * count).update(repeating: 0, count: count) }
    return (0..<parts).map { sums + $0 * count }
  }

  /// Adds some positions, `[positions, channels]` with channels as the kernels want them,
  /// to a part's sum.
  func add(
    _ rows: UnsafePointer<Float>, positions: Int, to sum: UnsafeMutablePointer<Float>
  ) {
    kernels.table.pointee.gram(positions, paddedChannels, rows, sum)
  }

  /// Makes the matrix of the parts' sums.
  func finishSum(
    _ sums: [UnsafeMutablePointer<Float>], divisor: Double, workspace: Workspace
  ) {
    let scale = Float(1 / divisor)
    let (channels, matrix) = (channels, elements.pointer)
    workspace.parallelRanges(channels, length: 16) { rows in
      for i in rows {
        let row = matrix + i * channels
        row.update(from: sums[0] + i * paddedChannels, count: channels)
        for sum in sums.dropFirst() {
          let part = sum + i * paddedChannels
          for j in i..<channels { row[j] += part[j] }
        }
        for j in i..<channels { row[j] *= scale }
      }
    }
    workspace.parallelRanges(channels, length: 16) { rows in
      for i in rows {
        for j in 0..<i { matrix[i * channels + j] = matrix[j * channels + i] }
      }
    }
  }

  /// Sets a packed matrix to `2 (dL/dG) / M`, the factor D of the gradient with respect
  /// to the map, `dL/dF = F D`, for a loss whose gradient with respect to the matrix is
  /// `derivative(row, column)`, symmetric.
  ///
  /// - Parameter divisor: M, the positions, or a guide's sum of squares.
  package func pack(
    derivative: (_ row: Int, _ column: Int) -> Float, divisor: Double, into packed: PackedMatrix,
    workspace: Workspace
  ) {
    let scale = Float(2 / divisor)
    workspace.parallelRanges(channels, length: 16) { rows in
      for row in rows { packed.fill(row: row) { scale * derivative($0, $1) } }
    }
  }
}
