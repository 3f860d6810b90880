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
            let transformed = Self.transform { weight(output, input, $0) }
            let place = range.lowerBound * inputs + input * panel + output - range.lowerBound
            for point in 0..<Self.points {
              buffer.pointer[point * stride + place] = transformed[point]
            }
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

  /// As many tiles as keep a block's points within the caches, spread evenly over
  /// blocks, and the blocks over threads.
  private func tilesPerBlock(of tiles: Int, threads: Int) -> Int {
    let bytesPerTile = Self.points * (inputs + outputs) * MemoryLayout<Float>.stride
    let largest = max(48, 4_000_000 / bytesPerTile)
    let rounds = (tiles + largest * threads - 1) / (largest * threads)
    return max(1, (tiles + rounds * threads - 1) / (rounds * threads))
  }

  /// `G g Gᵀ` for one 3x3 kernel, in double precision because it is done once.
  private static func transform(_ kernel: (Int) -> Float) -> InlineArray<36, Float> {
    var half = InlineArray<18, Double>(repeating: 0)
    for column in 0..<3 {
      let line = transformLine(
        Double(kernel(column)), Double(kernel(3 + column)), Double(kernel(6 + column)))
      for row in 0..<6 { half[row * 3 + column] = line[row] }
    }
    var result = InlineArray<36, Float>(repeating: 0)
    for row in 0..<6 {
      let line = transformLine(half[row * 3], half[row * 3 + 1], half[row * 3 + 2])
      for column in 0..<6 { result[row * 6 + column] = Float(line[column]) }
    }
    return result
  }

  /// A kernel's values at the points 0, ±a, ±b and infinity, each divided by the
  /// product of its distances from the others. The kernels use the same a and b.
  private static func transformLine(_ k0: Double, _ k1: Double, _ k2: Double) -> InlineArray<
    6, Double
  > {
    let (a, b) = (0.75, 1.5)
    let scaleA = 1 / (2 * a * a * (a * a - b * b))
    let scaleB = 1 / (2 * b * b * (b * b - a * a))
    return [
      k0 / (a * a * b * b),
      scaleA * (k0 + a * k1 + a * a * k2),
      scaleA * (k0 - a * k1 + a * a * k2),
      scaleB * (k0 + b * k1 + b * b * k2),
      scaleB * (k0 - b * k1 + b * b * k2),
      k2,
    ]
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
