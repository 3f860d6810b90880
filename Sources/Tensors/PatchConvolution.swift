/// A convolution as a matrix product over gathered patches, for every shape that
/// Winograd's method does not cover: few channels, and kernels other than 3x3.
struct PatchConvolution: Sendable {
  private let inputs: Int
  private let size: Int
  private let matrix: PackedMatrix

  /// Positions gathered at once: their patches stay in the second-level cache.
  private static let block = 96

  init(weights: OrientedWeights, kernels: Kernels) {
    inputs = weights.inputs
    size = weights.size
    let taps = size * size
    matrix = PackedMatrix(depth: taps * inputs, columns: weights.outputs, kernels: kernels)
    weights.withAccess { weight in
      matrix.fill { row, column in weight(column, row % inputs, row / inputs) }
    }
  }

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, ending: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let block = Self.block
    let blocks = (shape.positions + block - 1) / block
    let patches = block * matrix.depth
    workspace.parallel(blocks, scratch: patches + block * matrix.columns) { index, scratch in
      let positions = index * block..<min(shape.positions, (index + 1) * block)
      let product = scratch + patches
      gather(positions, of: input, shape, into: scratch)
      matrix.multiply(
        rows: positions.count, a: scratch, into: product, adding: false, kernels: workspace.kernels)
      let offset = positions.lowerBound * matrix.columns
      ending.apply(
        to: product, offset: offset, positions: positions.count, channels: matrix.columns)
      (output + offset).update(from: product, count: positions.count * matrix.columns)
    }
  }

  /// Copies the neighbourhood of each position, zeros outside of the map.
  private func gather(
    _ positions: Range<Int>, of input: UnsafePointer<Float>, _ shape: MapShape,
    into patches: UnsafeMutablePointer<Float>
  ) {
    let reach = size / 2
    let rowLength = size * inputs
    var patch = patches
    for position in positions {
      let (y, x) = position.quotientAndRemainder(dividingBy: shape.width)
      let columns = max(0, x - reach)..<min(shape.width, x + reach + 1)
      for tapRow in 0..<size {
        let row = y + tapRow - reach
        if row < 0 || row >= shape.height || columns.count < size {
          patch.update(repeating: 0, count: rowLength)
        }
        if row >= 0, row < shape.height {
          let skipped = (columns.lowerBound - (x - reach)) * inputs
          let source = input + (row * shape.width + columns.lowerBound) * inputs
          (patch + skipped).update(from: source, count: columns.count * inputs)
        }
        patch += rowLength
      }
    }
  }
}
