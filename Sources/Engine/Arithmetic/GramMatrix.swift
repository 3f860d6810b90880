/// The Gram matrix of a feature map, `G = Fᵀ F / M`, and the mean of each channel. F is the map as a
/// matrix of M positions by N channels.
///
/// This is equation 3 of Gatys, Ecker and Bethge (2015), divided by M to make pictures of
/// different sizes comparable.
package struct GramMatrix: Sendable {
  package let channels: Int
  /// `[channels, channels]`, symmetric.
  package let elements: FloatBuffer
  /// `[channels]`.
  package let means: FloatBuffer
  /// The number of partial sums, which does not depend on the number of threads. The parts are
  /// added in order, which makes the result bitwise reproducible.
  let parts: Int
  private let kernels: Kernels
  private let paddedChannels: Int

  package init(channels: Int, kernels: Kernels) {
    self.channels = channels
    self.kernels = kernels
    let multiple = kernels.channelMultiple
    paddedChannels = (channels + multiple - 1) / multiple * multiple
    // Limits the partial sums to the memory of a few large matrices.
    parts = min(64, max(4, 512 * 512 / (paddedChannels * paddedChannels)))
    elements = FloatBuffer(count: channels * channels)
    means = FloatBuffer(count: channels)
  }

  /// Computes the matrix of a map.
  ///
  /// - Parameters:
  ///   - part: the positions to take; nil for all.
  ///   - guide: a factor for each position. Matrix and means are then weighted means over
  ///     positions, with the squared factors as weights.
  package func update(
    _ map: UnsafePointer<Float>, positions: Int, part: MapPart? = nil,
    guide: GuidanceChannel? = nil, workspace: Workspace
  ) {
    let padded = paddedChannels
    let partLength = (positions + parts - 1) / parts
    // A block of positions must stay in the L2 cache for all pairs of channels.
    let block = max(32, 65536 / padded)
    let sums = startSum(workspace)
    workspace.parallel(parts, scratch: block * padded) { index, scratch in
      let end = min(positions, (index + 1) * partLength)
      for start in stride(from: index * partLength, to: end, by: block) {
        let range = start..<min(end, start + block)
        func add(_ run: Range<Int>) {
          self.add(run, of: map, guide: guide, to: sums[index], scratch: scratch)
        }
        if let part { part.forEachRun(in: range, add) } else { add(range) }
      }
    }
    let count = part?.count ?? positions
    finishSum(sums, divisor: guide?.sumOfSquares ?? Double(count), workspace: workspace)
  }

  /// Adds a range of positions to a sum.
  private func add(
    _ positions: Range<Int>, of map: UnsafePointer<Float>, guide: GuidanceChannel?,
    to sum: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let padded = paddedChannels
    var rows = map + positions.lowerBound * channels
    if padded != channels || guide != nil {
      scratch.update(repeating: 0, count: positions.count * padded)
      for row in 0..<positions.count {
        let (from, to) = (rows + row * channels, scratch + row * padded)
        if let guide {
          let factor = guide.values.pointer[positions.lowerBound + row]
          for channel in 0..<channels { to[channel] = factor * from[channel] }
        } else {
          to.update(from: from, count: channels)
        }
      }
      rows = UnsafePointer(scratch)
    }
    add(
      rows, positions: positions.count,
      weights: guide.map { UnsafePointer($0.values.pointer + positions.lowerBound) }, to: sum)
  }

  /// Returns zeroed sums for all parts, in the workspace's shared memory.
  func startSum(_ workspace: Workspace) -> [UnsafeMutablePointer<Float>] {
    let count = (paddedChannels + 1) * paddedChannels
    let sums = workspace.shared(parts * count)
    workspace.parallel(parts) { (sums + $0 * count).update(repeating: 0, count: count) }
    return (0..<parts).map { sums + $0 * count }
  }

  /// Adds positions to the sum of a part.
  ///
  /// - Parameters:
  ///   - rows: `[positions, channels]`, with channels padded to the kernels' multiple.
  ///   - weights: another factor of each row in the means; nil for 1.
  func add(
    _ rows: UnsafePointer<Float>, positions: Int, weights: UnsafePointer<Float>? = nil,
    to sum: UnsafeMutablePointer<Float>
  ) {
    kernels.table.pointee.gram(positions, paddedChannels, rows, sum)
    addMeans(rows, positions: positions, weights, to: sum + paddedChannels * paddedChannels)
  }

  private func addMeans(
    _ rows: UnsafePointer<Float>, positions: Int, _ weights: UnsafePointer<Float>?,
    to sum: UnsafeMutablePointer<Float>
  ) {
    typealias Lanes = SIMD8<Float>
    for start in stride(from: 0, to: paddedChannels, by: Lanes.scalarCount) {
      let total = UnsafeMutableRawPointer(sum + start)
      var lanes = total.loadUnaligned(as: Lanes.self)
      for position in 0..<positions {
        let row = UnsafeRawPointer(rows + position * paddedChannels + start)
          .loadUnaligned(as: Lanes.self)
        lanes += weights.map { $0[position] * row } ?? row
      }
      total.storeBytes(of: lanes, as: Lanes.self)
    }
  }

  /// Computes the matrix from the sums of the parts.
  func finishSum(
    _ sums: [UnsafeMutablePointer<Float>], divisor: Double, workspace: Workspace
  ) {
    let scale = Float(1 / divisor)
    let (channels, matrix) = (channels, elements.pointer)
    for channel in 0..<channels {
      let place = paddedChannels * paddedChannels + channel
      means.pointer[channel] = scale * sums.reduce(0) { $0 + $1[place] }
    }
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

  /// Sets a packed matrix to `D = 2 (dL/dG) / M`, for the gradient of a loss L with respect to the
  /// map: `dL/dF = F D`.
  ///
  /// - Parameters:
  ///   - derivative: dL/dG, symmetric.
  ///   - divisor: M, the number of positions, or a guide's sum of squares.
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
