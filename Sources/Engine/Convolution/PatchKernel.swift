import CKernels

/// A dense convolution as a matrix product (im2col): patches of the map become the rows of a
/// matrix, whose product with the weights is the output.
struct PatchKernel: ConvolutionKernel {
  let window: ConvolutionWindow
  let inputs: Int
  let outputs: Int

  /// The number of floats in a matrix of patches, which must stay in the L2 cache.
  private static let matrixCount = 1 << 16

  /// The number of rows in a matrix of patches.
  private static func block(depth: Int, least: Int) -> Int {
    max(least, matrixCount / max(1, depth))
  }

  /// The number of elements in a patch, `[tap, input]`.
  private var depth: Int { window.taps * inputs }

  private func weight(_ output: Int, _ input: Int, _ tap: Int) -> Int {
    (output * inputs + input) * window.taps + tap
  }

  // MARK: Forward

  func forward(
    _ x: UnsafePointer<Float>, _ xShape: MapShape, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, _ yShape: MapShape,
    adding: Bool, workspace: Workspace
  ) {
    let matrix = PackedMatrix(depth: depth, columns: outputs, kernels: workspace.kernels)
    workspace.parallel(depth) { row in
      matrix.fill(row: row) { row, output in
        weights[weight(output, row % inputs, row / inputs)]
      }
    }
    // At least two tiles of the product's micro-kernel.
    let block = Self.block(depth: depth, least: 24)
    let blocks = (yShape.positions + block - 1) / block
    workspace.parallel(blocks, scratch: block * depth) { index, patches in
      let positions = index * block..<min(yShape.positions, (index + 1) * block)
      gather(positions, of: x, xShape, columns: yShape.width, into: patches)
      let target = y + positions.lowerBound * outputs
      matrix.multiply(
        rows: positions.count, a: patches, into: target, adding: adding,
        kernels: workspace.kernels)
      if let bias {
        workspace.kernels.table.pointee.finish(
          positions.count, outputs, target, Epilogue(bias: bias).kernelForm(offset: 0))
      }
    }
  }

  /// Copies the patches of a range of outputs to the rows of a matrix `[positions, depth]`.
  private func gather(
    _ positions: Range<Int>, of map: UnsafePointer<Float>, _ shape: MapShape, columns: Int,
    into patches: UnsafeMutablePointer<Float>
  ) {
    let size = window.size
    var patch = patches
    for position in positions {
      let (y, x) = (position / columns, position % columns)
      let first = window.firstColumn(x, width: shape.width)
      for tapRow in 0..<size {
        defer { patch += size * inputs }
        guard let sourceRow = window.row(y, tap: tapRow, height: shape.height) else {
          patch.update(repeating: 0, count: size * inputs)
          continue
        }
        let row = map + sourceRow * shape.width * inputs
        if let first {
          patch.update(from: row + first * inputs, count: size * inputs)
          continue
        }
        for tap in 0..<size {
          if let column = window.column(x, tap: tap, width: shape.width) {
            (patch + tap * inputs).update(from: row + column * inputs, count: inputs)
          } else {
            (patch + tap * inputs).update(repeating: 0, count: inputs)
          }
        }
      }
    }
  }

  // MARK: Transposed

  /// The kernel rows (or columns) that connect outputs to a row of the padded map whose index has
  /// `remainder` modulo the stride. They are in descending order, for ascending outputs.
  private func taps(remainder: Int) -> [Int] {
    (0..<window.size).reversed().filter { $0 % window.stride == remainder }
  }

  func transposed(
    _ y: UnsafePointer<Float>, _ yShape: MapShape, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, into x: UnsafeMutablePointer<Float>, _ xShape: MapShape,
    adding: Bool, workspace: Workspace
  ) {
    let stride = window.stride
    let taps = (0..<stride).map { self.taps(remainder: $0) }
    // One matrix for each pair of remainders of a row and a column.
    let matrices = (0..<stride * stride).map { index in
      let (tapRows, tapColumns) = (taps[index / stride], taps[index % stride])
      let matrix = PackedMatrix(
        depth: tapRows.count * tapColumns.count * outputs, columns: inputs,
        kernels: workspace.kernels)
      workspace.parallel(matrix.depth) { row in
        let (place, output) = (row / outputs, row % outputs)
        let tap =
          tapRows[place / tapColumns.count] * window.size + tapColumns[place % tapColumns.count]
        matrix.fill(row: row) { _, input in weights[weight(output, input, tap)] }
      }
      return matrix
    }
    let most = matrices.map(\.depth).max()!
    let block = Self.block(depth: most, least: 24)
    window.scatter(
      into: x, xShape, bias: bias, adding: adding, scratch: block * (most + inputs),
      workspace: workspace
    ) { row, left, columns, values, scratch in
      let tapRows = taps[row % stride]
      for remainder in 0..<stride {
        let tapColumns = taps[remainder]
        let matrix = matrices[row % stride * stride + remainder]
        let first = (remainder - left % stride + stride) % stride
        guard first < columns else { continue }
        let count = (columns - first + stride - 1) / stride
        for start in Swift.stride(from: 0, to: count, by: block) {
          let positions = min(block, count - start)
          let products = stride == 1 ? values + start * inputs : scratch + block * most
          if matrix.depth == 0 {
            products.update(repeating: 0, count: positions * inputs)
          } else {
            for i in 0..<positions {
              gatherTransposed(
                row: row, column: left + first + (start + i) * stride, of: y, yShape,
                tapRows: tapRows, tapColumns: tapColumns, into: scratch + i * matrix.depth)
            }
            matrix.multiply(
              rows: positions, a: scratch, into: products, adding: false,
              kernels: workspace.kernels)
          }
          guard stride > 1 else { continue }
          for i in 0..<positions {
            (values + (first + (start + i) * stride) * inputs)
              .update(from: products + i * inputs, count: inputs)
          }
        }
      }
    }
  }

  /// Copies the outputs that read a position of the padded map, and zeros for missing ones.
  private func gatherTransposed(
    row: Int, column: Int, of map: UnsafePointer<Float>, _ shape: MapShape, tapRows: [Int],
    tapColumns: [Int], into patch: UnsafeMutablePointer<Float>
  ) {
    var patch = patch
    // Division rounds toward zero, but before the first output the index must be negative.
    let first = column < tapColumns[0] ? -1 : (column - tapColumns[0]) / window.stride
    let length = tapColumns.count * outputs
    for tapRow in tapRows {
      defer { patch += length }
      let y = row < tapRow ? -1 : (row - tapRow) / window.stride
      guard y >= 0, y < shape.height else {
        patch.update(repeating: 0, count: length)
        continue
      }
      let line = map + y * shape.width * outputs
      if first >= 0, first + tapColumns.count <= shape.width {
        patch.update(from: line + first * outputs, count: length)
        continue
      }
      for (i, tap) in tapColumns.enumerated() {
        let x = column < tap ? -1 : (column - tap) / window.stride
        if x >= 0, x < shape.width {
          (patch + i * outputs).update(from: line + x * outputs, count: outputs)
        } else {
          (patch + i * outputs).update(repeating: 0, count: outputs)
        }
      }
    }
  }

  // MARK: Weight gradient

  /// Adds the product of the upstream gradient with the patches, over all positions.
  func addWeightGradient(
    _ x: UnsafePointer<Float>, _ xShape: MapShape, upstream: UnsafePointer<Float>,
    _ yShape: MapShape, into gradient: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let (positions, count) = (yShape.positions, outputs * depth)
    // The number of partial sums depends on shapes only, which makes results independent of the
    // number of threads. It is limited because each part takes memory.
    let most = min(64, max(4, 512 * 512 / count))
    let parts = max(1, min(most, positions / 32))
    let length = (positions + parts - 1) / parts
    let block = Self.block(depth: depth, least: 32)
    let sums = workspace.shared(parts * count)
    let cross = workspace.kernels.table.pointee.cross!
    workspace.parallel(parts, scratch: block * depth) { part, patches in
      let sum = sums + part * count
      sum.update(repeating: 0, count: count)
      let end = min(positions, (part + 1) * length)
      for start in stride(from: min(end, part * length), to: end, by: block) {
        let range = start..<min(end, start + block)
        gather(range, of: x, xShape, columns: yShape.width, into: patches)
        cross(range.count, outputs, depth, upstream + start * outputs, patches, depth, sum)
      }
    }
    workspace.parallel(outputs) { output in
      let row = sums + output * depth
      for part in 1..<max(1, parts) {
        let other = row + part * count
        for i in 0..<depth { row[i] += other[i] }
      }
      for tap in 0..<window.taps {
        for input in 0..<inputs {
          gradient[weight(output, input, tap)] += row[tap * inputs + input]
        }
      }
    }
  }
}
