/// A convolution to few outputs, such as the way back to a picture's three
/// channels: each position is first multiplied by the weights of every tap, and
/// an output is the sum of its neighbours' shares.
///
/// Gathering patches would copy `taps * inputs` values a position instead.
struct ProjectionConvolution: Sendable {
  private let inputs: Int
  private let outputs: Int
  private let size: Int
  /// `[inputs, taps * outputs]`.
  private let matrix: PackedMatrix

  private static let rowsPerBlock = 8

  init(weights: OrientedWeights, kernels: Kernels) {
    inputs = weights.inputs
    outputs = weights.outputs
    size = weights.size
    let outputs = weights.outputs
    matrix = PackedMatrix(depth: weights.inputs, columns: size * size * outputs, kernels: kernels)
    weights.withAccess { weight in
      matrix.fill { row, column in weight(column % outputs, row, column / outputs) }
    }
  }

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, ending: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let rows = Self.rowsPerBlock
    let reach = size / 2
    let shares = matrix.columns
    let rowLength = shape.width * outputs
    let blocks = (shape.height + rows - 1) / rows
    workspace.parallel(blocks, scratch: (rows + 2 * reach) * shape.width * shares + rowLength) {
      index, scratch in
      let products = scratch + rowLength
      let range = index * rows..<min(shape.height, (index + 1) * rows)
      let first = max(0, range.lowerBound - reach)
      let last = min(shape.height, range.upperBound + reach)
      matrix.multiply(
        rows: (last - first) * shape.width, a: input + first * shape.width * inputs, into: products,
        adding: false,
        kernels: workspace.kernels)
      for y in range {
        let taps = max(0, first - (y - reach))..<min(size, last - (y - reach))
        sum(products - first * shape.width * shares, y: y, tapRows: taps, shape, into: scratch)
        ending.apply(to: scratch, offset: y * rowLength, positions: shape.width, channels: outputs)
        (output + y * rowLength).update(from: scratch, count: rowLength)
      }
    }
  }

  /// Sums the shares of one row of outputs. `products` starts at the map's first row.
  private func sum(
    _ products: UnsafePointer<Float>, y: Int, tapRows: Range<Int>, _ shape: MapShape,
    into row: UnsafeMutablePointer<Float>
  ) {
    let reach = size / 2
    let shares = matrix.columns
    row.update(repeating: 0, count: shape.width * outputs)
    for tapRow in tapRows {
      let source = products + (y + tapRow - reach) * shape.width * shares
      for tapColumn in 0..<size {
        let shift = tapColumn - reach
        let share = (tapRow * size + tapColumn) * outputs
        for x in max(0, -shift)..<max(0, -shift, min(shape.width, shape.width - shift)) {
          let from = source + (x + shift) * shares + share
          let to = row + x * outputs
          for channel in 0..<outputs { to[channel] += from[channel] }
        }
      }
    }
  }
}
