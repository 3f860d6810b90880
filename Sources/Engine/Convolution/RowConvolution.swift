/// A convolution for the shapes that Winograd's method does not cover: few channels, and kernels
/// other than 3x3.
///
/// In a padded map, the inputs that one kernel row reads for an output are contiguous, and those
/// of the next output start one position later. They are overlapping rows of a matrix, so each
/// kernel row takes one matrix product, without gathering patches.
///
/// With few outputs, several neighbors are computed together as the columns of one matrix, which would
/// otherwise be mostly empty.
struct RowConvolution: Sendable {
  let inputs: Int
  let outputs: Int
  let reach: Int
  private let padding: Padding
  /// The number of neighbors in a row that are computed together.
  private let group: Int
  /// The weights of each kernel row, `[(size + group - 1) * inputs, group * outputs]`.
  private let matrices: [PackedMatrix]

  private static let rowsPerBlock = 8

  init(weights: OrientedWeights, padding: Padding, kernels: Kernels) {
    let (inputs, size) = (weights.inputs, weights.size)
    self.inputs = inputs
    self.padding = padding
    outputs = weights.outputs
    reach = size / 2
    let group = Self.group(
      size: size, outputs: weights.outputs, panelColumns: kernels.panelColumns)
    self.group = group
    let (outputs, columns) = (weights.outputs, group * weights.outputs)
    matrices = (0..<size).map { tapRow in
      let matrix = PackedMatrix(
        depth: (size + group - 1) * inputs, columns: columns, kernels: kernels)
      weights.withAccess { weight in
        matrix.fill { row, column in
          // A neighbor reads the same taps, further to the right.
          let tap = row / inputs - column / outputs
          return 0..<size ~= tap
            ? weight(column % outputs, row % inputs, tapRow * size + tap) : 0
        }
      }
      return matrix
    }
  }

  /// The number of neighbors that takes the fewest multiplications for each output.
  private static func group(size: Int, outputs: Int, panelColumns: Int) -> Int {
    func cost(_ group: Int) -> Double {
      let panels = (group * outputs + panelColumns - 1) / panelColumns
      return Double((size + group - 1) * panels) / Double(group)
    }
    return (1...max(1, panelColumns / outputs)).min { cost($0) < cost($1) }!
  }

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, epilogue: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let blockRows = Self.rowsPerBlock
    let rowLength = shape.width * outputs
    let paddedLength = paddedWidth(shape.width) * inputs
    let valuesLength = groupedWidth(shape.width) * outputs
    let blocks = (shape.height + blockRows - 1) / blockRows
    workspace.parallel(
      blocks, scratch: (blockRows + 2 * reach) * paddedLength + valuesLength + rowLength
    ) { index, scratch in
      let rows = index * blockRows..<min(shape.height, (index + 1) * blockRows)
      let (values, addend) = (scratch, scratch + valuesLength)
      let padded = scratch + valuesLength + rowLength
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

  /// The number of outputs that are computed for a row of a width.
  func groupedWidth(_ width: Int) -> Int { (width + group - 1) / group * group }

  /// The number of positions that are read for a row of outputs of a width.
  func paddedWidth(_ width: Int) -> Int { groupedWidth(width) + 2 * reach }

  /// Computes a row of outputs before the epilogue.
  ///
  /// - Parameters:
  ///   - padded: the top left neighbor of the first output, in rows of `paddedWidth`.
  ///   - row: receives `groupedWidth` outputs.
  func convolve(
    _ padded: UnsafePointer<Float>, rowStride: Int, count: Int,
    into row: UnsafeMutablePointer<Float>, kernels: Kernels
  ) {
    for (tapRow, matrix) in matrices.enumerated() {
      matrix.multiply(
        rows: groupedWidth(count) / group, a: padded + tapRow * rowStride,
        stride: group * inputs, into: row, adding: tapRow > 0, kernels: kernels)
    }
  }

  /// Copies rows of the map with their padding and the rows within `reach`.
  private func pad(
    _ input: UnsafePointer<Float>, _ shape: MapShape, rows: Range<Int>,
    into padded: UnsafeMutablePointer<Float>
  ) {
    let length = paddedWidth(shape.width) * inputs
    let extra = paddedWidth(shape.width) - shape.width - 2 * reach
    for y in rows.lowerBound - reach..<rows.upperBound + reach {
      let row = padded + (y - rows.lowerBound + reach) * length
      guard let sourceRow = padding.source(y, length: shape.height) else {
        row.update(repeating: 0, count: length)
        continue
      }
      padding.copy(
        input + sourceRow * shape.width * inputs, width: shape.width, channels: inputs,
        reach: reach, into: row)
      // What lies to the right of the last output is computed, but not used.
      (row + length - extra * inputs).update(repeating: 0, count: extra * inputs)
    }
  }
}
