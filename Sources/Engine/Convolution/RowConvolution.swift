/// A convolution for the shapes that Winograd's method does not cover: few channels, and kernels
/// other than 3x3.
///
/// In a padded map, the inputs that one kernel row reads for an output are contiguous, and those
/// of the next output start one position later. They are overlapping rows of a matrix, so each
/// kernel row takes one matrix product, without gathering patches.
struct RowConvolution: Sendable {
  let inputs: Int
  let outputs: Int
  let reach: Int
  private let padding: Padding
  /// The weights of each kernel row, `[size * inputs, outputs]`.
  private let matrices: [PackedMatrix]

  private static let rowsPerBlock = 8

  init(weights: OrientedWeights, padding: Padding, kernels: Kernels) {
    let (inputs, size) = (weights.inputs, weights.size)
    self.inputs = inputs
    self.padding = padding
    outputs = weights.outputs
    reach = size / 2
    matrices = (0..<size).map { tapRow in
      let matrix = PackedMatrix(depth: size * inputs, columns: weights.outputs, kernels: kernels)
      weights.withAccess { weight in
        matrix.fill { row, column in
          weight(column, row % inputs, tapRow * size + row / inputs)
        }
      }
      return matrix
    }
  }

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, epilogue: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let blockRows = Self.rowsPerBlock
    let rowLength = shape.width * outputs
    let paddedLength = (shape.width + 2 * reach) * inputs
    let blocks = (shape.height + blockRows - 1) / blockRows
    workspace.parallel(blocks, scratch: (blockRows + 2 * reach) * paddedLength + 2 * rowLength) {
      index, scratch in
      let rows = index * blockRows..<min(shape.height, (index + 1) * blockRows)
      let (values, addend) = (scratch, scratch + rowLength)
      let padded = scratch + 2 * rowLength
      pad(input, shape, rows: rows, into: padded)
      for y in rows {
        convolve(
          padded + (y - rows.lowerBound) * paddedLength, rowStride: paddedLength,
          count: shape.width, into: values, kernels: workspace.kernels)
        epilogue.apply(
          to: values, at: y * shape.width..<(y + 1) * shape.width, channels: outputs,
          scratch: addend, kernels: workspace.kernels)
        (output + y * rowLength).update(from: values, count: rowLength)
      }
    }
  }

  /// Computes a row of outputs before the epilogue.
  ///
  /// - Parameter padded: the top left neighbor of the first output.
  func convolve(
    _ padded: UnsafePointer<Float>, rowStride: Int, count: Int,
    into row: UnsafeMutablePointer<Float>, kernels: Kernels
  ) {
    for (tapRow, matrix) in matrices.enumerated() {
      matrix.multiply(
        rows: count, a: padded + tapRow * rowStride, stride: inputs, into: row,
        adding: tapRow > 0, kernels: kernels)
    }
  }

  /// Copies rows of the map with their padding and the rows within `reach`.
  private func pad(
    _ input: UnsafePointer<Float>, _ shape: MapShape, rows: Range<Int>,
    into padded: UnsafeMutablePointer<Float>
  ) {
    let length = (shape.width + 2 * reach) * inputs
    for y in rows.lowerBound - reach..<rows.upperBound + reach {
      let row = padded + (y - rows.lowerBound + reach) * length
      guard let sourceRow = padding.source(y, length: shape.height) else {
        row.update(repeating: 0, count: length)
        continue
      }
      let source = input + sourceRow * shape.width * inputs
      (row + reach * inputs).update(from: source, count: shape.width * inputs)
      for x in Array(-reach..<0) + Array(shape.width..<shape.width + reach) {
        let place = row + (x + reach) * inputs
        if let column = padding.source(x, length: shape.width) {
          place.update(from: source + column * inputs, count: inputs)
        } else {
          place.update(repeating: 0, count: inputs)
        }
      }
    }
  }
}
