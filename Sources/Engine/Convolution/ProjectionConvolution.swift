/// A convolution with few outputs, such as the backward pass to a picture's three channels.
///
/// A matrix product first multiplies each position by the weights of all taps. An output is the
/// sum of its neighbors' contributions. Gathering patches would copy `taps * inputs` values per
/// position instead.
struct ProjectionConvolution: Sendable {
  private let inputs: Int
  private let outputs: Int
  private let size: Int
  /// The padding of the forward pass. The backward pass adds gradients in the padding to those of
  /// the values that were read there.
  private let padding: Padding
  /// The weights as `[inputs, taps * outputs]`, with taps in reverse order. A position's
  /// contributions to a row of outputs are then in the order of the outputs.
  private let matrix: PackedMatrix

  private static let rowsPerBlock = 8

  init(weights: OrientedWeights, padding: Padding, kernels: Kernels) {
    self.padding = padding
    inputs = weights.inputs
    outputs = weights.outputs
    size = weights.size
    let outputs = weights.outputs
    let taps = size * size
    matrix = PackedMatrix(depth: weights.inputs, columns: taps * outputs, kernels: kernels)
    weights.withAccess { weight in
      matrix.fill { row, column in weight(column % outputs, row, taps - 1 - column / outputs) }
    }
  }

  /// The number of contributions of a position.
  var contributions: Int { matrix.columns }

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, epilogue: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let blockRows = Self.rowsPerBlock
    let reach = size / 2
    let rowLength = shape.width * outputs
    let blocks = (shape.height + blockRows - 1) / blockRows
    let most = (blockRows + 2 * reach) * shape.width * contributions
    workspace.parallel(blocks, scratch: most + 2 * rowLength) { index, scratch in
      let (values, addend) = (scratch + most, scratch + most + rowLength)
      let rows = index * blockRows..<min(shape.height, (index + 1) * blockRows)
      let sources = max(0, rows.lowerBound - reach)..<min(shape.height, rows.upperBound + reach)
      project(
        input + sources.lowerBound * shape.width * inputs, count: sources.count * shape.width,
        into: scratch, kernels: workspace.kernels)
      for y in rows {
        values.update(repeating: 0, count: rowLength)
        for row in padding.places(of: y, reach: reach, length: shape.height) {
          for source in max(0, row - reach)..<min(shape.height, row + reach + 1) {
            addContributions(
              scratch + (source - sources.lowerBound) * shape.width * contributions, of: source,
              columns: shape.width, left: 0, to: values, row, width: shape.width)
          }
        }
        epilogue.apply(
          to: values, at: y * shape.width..<(y + 1) * shape.width, channels: outputs,
          scratch: addend, kernels: workspace.kernels)
        (output + y * rowLength).update(from: values, count: rowLength)
      }
    }
  }

  /// Adds the contributions of a part of a map to the outputs.
  ///
  /// - Parameters:
  ///   - part: `[rows, columns, inputs]`, starting at row `top` and column `left` of the map.
  ///     Columns beyond the map are ignored.
  ///   - output: `[height, width, outputs]`.
  ///   - scratch: `rows * columns * contributions` floats.
  func add(
    _ part: UnsafePointer<Float>, rows: Int, columns: Int, top: Int, left: Int,
    to output: UnsafeMutablePointer<Float>, height: Int, width: Int,
    scratch: UnsafeMutablePointer<Float>, kernels: Kernels
  ) {
    let reach = size / 2
    project(part, count: rows * columns, into: scratch, kernels: kernels)
    for source in top..<top + rows {
      for y in source - reach...source + reach {
        guard let row = padding.source(y, length: height) else { continue }
        addContributions(
          scratch + (source - top) * columns * contributions, of: source,
          columns: min(columns, width - left), left: left, to: output + row * width * outputs, y,
          width: width)
      }
    }
  }

  private func project(
    _ positions: UnsafePointer<Float>, count: Int, into products: UnsafeMutablePointer<Float>,
    kernels: Kernels
  ) {
    matrix.multiply(rows: count, a: positions, into: products, adding: false, kernels: kernels)
  }

  /// Adds the contributions of positions in row `source` to a row of outputs.
  ///
  /// - Parameters:
  ///   - row: the outputs that receive the contributions.
  ///   - y: the row of the padded map that selects the taps.
  private func addContributions(
    _ products: UnsafePointer<Float>, of source: Int, columns: Int, left: Int,
    to row: UnsafeMutablePointer<Float>, _ y: Int, width: Int
  ) {
    let reach = size / 2
    let length = size * outputs
    let first = (y - source + reach) * length
    // The contributions of neighbors overlap, and would wait for each other.
    for phase in 0..<size {
      for column in stride(from: phase, to: columns, by: size) {
        // Contributions to the outputs within `reach` of the position.
        let from = products + column * contributions + first
        let x = left + column - reach
        if x >= 0, x + size <= width {
          Self.add(from, to: row + x * outputs, count: length)
        } else {
          for i in 0..<length {
            guard let place = padding.source(x + i / outputs, length: width) else { continue }
            row[place * outputs + i % outputs] += from[i]
          }
        }
      }
    }
  }

  @inline(__always)
  private static func add(
    _ from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>, count: Int
  ) {
    typealias Lanes = SIMD8<Float>
    var i = 0
    while i + Lanes.scalarCount <= count {
      let sum =
        UnsafeRawPointer(to + i).loadUnaligned(as: Lanes.self)
        + UnsafeRawPointer(from + i).loadUnaligned(as: Lanes.self)
      UnsafeMutableRawPointer(to + i).storeBytes(of: sum, as: Lanes.self)
      i += Lanes.scalarCount
    }
    while i < count {
      to[i] += from[i]
      i += 1
    }
  }
}
