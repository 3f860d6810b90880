import CKernels

/// The gradient of the weights of a 3x3 convolution by Winograd's method.
///
/// The forward pass of a tile is `Aᵀ[(G w Gᵀ) ⊙ (Bᵀ d B)]A` (Lavin and Gray 2015, "Fast Algorithms for
/// Convolutional Neural Networks", equation 8). It is linear in the weights, so with the upstream
/// gradient `u` their gradient is `Gᵀ[(A u Aᵀ) ⊙ (Bᵀ d B)]G`, summed over all tiles. At each point the
/// sum is a matrix product, `[outputs, tiles] · [tiles, inputs]`, with a quarter of the direct method's
/// multiplications.
struct WinogradWeightGradient {
  let inputs: Int
  let outputs: Int
  let padding: Padding

  private static let form = WinogradForm(tileSize: 4, usesBFloat16: false)
  private static let tileSize = form.tileSize
  private static let points = form.points
  /// The number of tiles that are transformed together. More take more cache, and fewer read and write
  /// the sums more often.
  private static let blockTiles = 128
  /// The largest number of tiles that a thread transforms at a time.
  private static let pieceColumns = 8

  /// Adds the gradient.
  ///
  /// - Parameters:
  ///   - map: the convolution's input, `[height, width, inputs]`.
  ///   - upstream: the gradient with respect to its output, `[height, width, outputs]`.
  ///   - gradient: `[outputs, inputs, 3, 3]`.
  func add(
    _ map: UnsafePointer<Float>, upstream: UnsafePointer<Float>, height: Int, width: Int,
    to gradient: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let shape = MapShape(height: height, width: width, channels: inputs)
    let grid = TileGrid(shape, tileSize: Self.tileSize)
    let columns = min(grid.columns, Self.blockTiles)
    let blocks = grid.blocks(
      atMost: (rows: max(1, Self.blockTiles / columns), columns: columns), threads: 1
    ).joined()
    let tiles = blocks.map(\.count).max()!
    let points = Points(tiles: tiles, inputs: inputs, outputs: outputs, workspace: workspace)
    let patches = WinogradPatches(
      channels: inputs, form: Self.form, padding: padding, kernels: workspace.kernels)
    let adjoint = Self.form.transforms(workspace.kernels).adjoint!
    let cross = workspace.kernels.table.pointee.cross!
    let (inputs, outputs) = (inputs, outputs)
    workspace.parallel(Self.points) { point in
      points.sum(point).update(repeating: 0, count: inputs * outputs)
    }
    for block in blocks {
      let pieces = block.pieces(columns: Self.pieceColumns)
      workspace.parallel(pieces.count, scratch: Self.points * inputs) { index, scratch in
        let (piece, offset) = pieces[index]
        patches.transform(
          piece, of: .map(map, rowStride: width * inputs, shape, hasSurroundings: false),
          into: points.patches + offset * inputs, stride: points.patchStride, scratch: scratch)
        for (number, column) in piece.columns.enumerated() {
          let (top, left) = (piece.rows.lowerBound * Self.tileSize, column * Self.tileSize)
          adjoint(
            outputs, upstream + (top * width + left) * outputs, width * outputs, height - top,
            width - left, points.tiles + (offset + number) * outputs, points.tileStride)
        }
      }
      workspace.parallel(Self.points) { point in
        cross(
          block.count, outputs, inputs, points.tiles + point * points.tileStride,
          points.patches + point * points.patchStride, inputs, points.sum(point))
      }
    }
    finish(points, to: gradient, workspace)
  }

  /// The memory of all points.
  private struct Points {
    /// The transformed patches of each point, `[tiles, inputs]`.
    let patches: UnsafeMutablePointer<Float>
    let patchStride: Int
    /// The transformed tiles of the upstream gradient of each point, `[tiles, outputs]`.
    let tiles: UnsafeMutablePointer<Float>
    let tileStride: Int
    private let sums: UnsafeMutablePointer<Float>
    private let sumStride: Int

    /// Floats of padding between the matrices of points. With a stride of a power of two, they
    /// would compete for the same cache sets.
    private static let spacing = 16

    init(tiles count: Int, inputs: Int, outputs: Int, workspace: Workspace) {
      (patchStride, tileStride) = (count * inputs + Self.spacing, count * outputs + Self.spacing)
      sumStride = inputs * outputs + Self.spacing
      let points = WinogradWeightGradient.points
      patches = workspace.shared(points * (patchStride + tileStride + sumStride))
      tiles = patches + points * patchStride
      sums = tiles + points * tileStride
    }

    /// The sum of products of a point, `[outputs, inputs]`.
    func sum(_ point: Int) -> UnsafeMutablePointer<Float> { sums + point * sumStride }
  }

  /// Computes `Gᵀ m G` for the sums m of each pair of channels, and adds it to the gradient.
  private func finish(
    _ points: Points, to gradient: UnsafeMutablePointer<Float>, _ workspace: Workspace
  ) {
    let lines = WinogradPoints(tileSize: Self.tileSize)
    let factors = [lines.weights.0, lines.weights.1, lines.weights.2]
    let (count, inputs) = (lines.count, inputs)
    let addScaled = workspace.kernels.table.pointee.add_scaled!
    workspace.parallel(outputs, scratch: (3 * count + 9) * inputs) { output, scratch in
      scratch.update(repeating: 0, count: (3 * count + 9) * inputs)
      let taps = scratch + 3 * count * inputs
      for row in 0..<3 {
        for column in 0..<count {
          let half = scratch + (row * count + column) * inputs
          for point in 0..<count where factors[row][point] != 0 {
            addScaled(
              inputs, half, Float(factors[row][point]),
              points.sum(point * count + column) + output * inputs, half)
          }
          for tap in 0..<3 where factors[tap][column] != 0 {
            let sum = taps + (3 * row + tap) * inputs
            addScaled(inputs, sum, Float(factors[tap][column]), half, sum)
          }
        }
      }
      let target = gradient + output * inputs * 9
      for input in 0..<inputs {
        for tap in 0..<9 { target[input * 9 + tap] += taps[tap * inputs + input] }
      }
    }
  }
}
