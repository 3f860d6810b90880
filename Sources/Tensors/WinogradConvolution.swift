import CKernels

/// Winograd's F(4x4, 3x3): a 4x4 tile of outputs from a 6x6 patch of inputs with
/// 36 multiplications a channel pair instead of 144.
///
/// The tiles' patches are transformed into 36 matrices `[tiles, inputs]`, each is
/// multiplied by the transformed weights of its point, and the products are
/// transformed back. Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks" (2015), section 4.
struct WinogradConvolution: Sendable {
  private let inputs: Int
  private let outputs: Int
  private let weights: FloatBuffer
  /// Floats from one point's weights to the next.
  private let weightStride: Int

  private static let tileSize = 4
  private static let patchSize = 6
  private static let points = 36
  /// Points a power of two apart would fall on the same cache lines.
  private static let padding = 16

  init(weights oriented: OrientedWeights, workspace: Workspace) {
    let (inputs, outputs) = (oriented.inputs, oriented.outputs)
    self.inputs = inputs
    self.outputs = outputs
    let stride =
      PackedMatrix.count(depth: inputs, columns: outputs, kernels: workspace.kernels) + Self.padding
    weightStride = stride
    let buffer = FloatBuffer(count: Self.points * stride)
    weights = buffer
    let panel = workspace.kernels.panelColumns
    oriented.withAccess { weight in
      workspace.parallelRanges(outputs, length: panel) { range in
        for input in 0..<inputs {
          for output in range {
            let place = range.lowerBound * inputs + input * panel + output - range.lowerBound
            Self.transform(
              { weight(output, input, $0) }, into: buffer.pointer + place, stride: stride)
          }
        }
      }
    }
  }

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, ending: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let grid = TileGrid(shape)
    let block = tilesPerBlock(of: grid.count, threads: workspace.threads)
    let blocks = (grid.count + block - 1) / block
    let inputStride = block * inputs + Self.padding
    let outputStride = block * outputs + Self.padding
    let table = workspace.kernels.table.pointee
    let epilogue = ck_epilogue(
      bias: ending.bias, relu: ending.relu, addend: ending.addend, mask: ending.mask)
    workspace.parallel(blocks, scratch: Self.points * (inputStride + outputStride)) {
      index, scratch in
      let tiles = index * block..<min(grid.count, (index + 1) * block)
      let products = scratch + Self.points * inputStride
      for tile in tiles {
        let corner = grid.corner(of: tile)
        let (top, left) = (corner.y - 1, corner.x - 1)
        table.winograd_input(
          inputs, input + (top * shape.width + left) * inputs, shape.width * inputs,
          max(0, -top), min(Self.patchSize, shape.height - top), max(0, -left),
          min(Self.patchSize, shape.width - left),
          scratch + (tile - tiles.lowerBound) * inputs, inputStride)
      }
      for point in 0..<Self.points {
        table.multiply(
          tiles.count, outputs, inputs, scratch + point * inputStride, inputs,
          weights.pointer + point * weightStride, products + point * outputStride, outputs, false)
      }
      for tile in tiles {
        let corner = grid.corner(of: tile)
        let offset = (corner.y * shape.width + corner.x) * outputs
        table.winograd_output(
          outputs, products + (tile - tiles.lowerBound) * outputs, outputStride, output + offset,
          shape.width * outputs, min(Self.tileSize, shape.height - corner.y),
          min(Self.tileSize, shape.width - corner.x), epilogue.advanced(by: offset))
      }
    }
  }

  /// As many tiles as keep a block's points near the caches, but enough for the weights
  /// of a point to be worth fetching, spread evenly over blocks and the blocks over threads.
  private func tilesPerBlock(of tiles: Int, threads: Int) -> Int {
    let bytesPerTile = Self.points * (inputs + outputs) * MemoryLayout<Float>.stride
    let largest = max(132, 1_500_000 / bytesPerTile)
    let rounds = (tiles + largest * threads - 1) / (largest * threads)
    return max(1, (tiles + rounds * threads - 1) / (rounds * threads))
  }

  /// `G g Gᵀ` for one 3x3 kernel, in double precision because it is done once; the
  /// points are written `stride` apart.
  private static func transform(
    _ kernel: (_ tap: Int) -> Float, into points: UnsafeMutablePointer<Float>, stride: Int
  ) {
    func row(_ first: Int) -> Lanes {
      Lanes(
        Double(kernel(first)), Double(kernel(first + 1)), Double(kernel(first + 2)), 0, 0, 0, 0, 0)
    }
    let half = transformLines(row(0), row(3), row(6))
    func column(_ i: Int) -> Lanes {
      Lanes(half.0[i], half.1[i], half.2[i], half.3[i], half.4[i], half.5[i], 0, 0)
    }
    let whole = transformLines(column(0), column(1), column(2))
    for row in 0..<patchSize {
      let to = points + row * patchSize * stride
      to[0] = Float(whole.0[row])
      to[stride] = Float(whole.1[row])
      to[2 * stride] = Float(whole.2[row])
      to[3 * stride] = Float(whole.3[row])
      to[4 * stride] = Float(whole.4[row])
      to[5 * stride] = Float(whole.5[row])
    }
  }

  /// Several lines of three weights or points each, side by side.
  private typealias Lanes = SIMD8<Double>

  /// A line's values at the points 0, ±a, ±b and infinity, each divided by the
  /// product of its distances from the others. The kernels use the same a and b.
  private static func transformLines(
    _ k0: Lanes, _ k1: Lanes, _ k2: Lanes
  ) -> (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes) {
    let (a, b) = (0.75, 1.5)
    let scaleA = 1 / (2 * a * a * (a * a - b * b))
    let scaleB = 1 / (2 * b * b * (b * b - a * a))
    let (evenA, oddA) = (k0 + a * a * k2, a * k1)
    let (evenB, oddB) = (k0 + b * b * k2, b * k1)
    return (
      k0 / (a * a * b * b), scaleA * (evenA + oddA), scaleA * (evenA - oddA),
      scaleB * (evenB + oddB), scaleB * (evenB - oddB), k2
    )
  }
}

/// The 4x4 tiles that cover a map, row by row; the last ones stick out.
private struct TileGrid {
  private let columns: Int
  let count: Int

  init(_ shape: MapShape) {
    columns = (shape.width + 3) / 4
    count = columns * ((shape.height + 3) / 4)
  }

  func corner(of tile: Int) -> (y: Int, x: Int) {
    let (row, column) = tile.quotientAndRemainder(dividingBy: columns)
    return (row * 4, column * 4)
  }
}

extension ck_epilogue {
  fileprivate func advanced(by offset: Int) -> ck_epilogue {
    ck_epilogue(
      bias: bias, relu: relu, addend: addend.map { $0 + offset }, mask: mask.map { $0 + offset })
  }
}
