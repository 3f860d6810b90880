/// The geometry of a convolution: the positions of the map that each output reads.
struct ConvolutionWindow: Sendable {
  let size: Int
  let stride: Int
  let padding: EdgePadding

  /// The number of positions in a kernel.
  var taps: Int { size * size }

  /// The shape of the output; nil if the kernel is larger than the map with its padding.
  func outputShape(of input: MapShape, channels: Int) -> MapShape? {
    let height = input.height + padding.top + padding.bottom - size
    let width = input.width + padding.left + padding.right - size
    guard height >= 0, width >= 0, input.positions > 0 else { return nil }
    return MapShape(height: height / stride + 1, width: width / stride + 1, channels: channels)
  }

  /// The row of the map that output row `y` reads at row `tap` of the kernel; nil for zeros.
  func row(_ y: Int, tap: Int, height: Int) -> Int? {
    padding.mode.source(y * stride + tap - padding.top, length: height)
  }

  /// The column of the map that output column `x` reads at column `tap` of the kernel; nil for
  /// zeros.
  func column(_ x: Int, tap: Int, width: Int) -> Int? {
    padding.mode.source(x * stride + tap - padding.left, length: width)
  }

  /// The first column of the map that output column `x` reads, if it reads none outside.
  func firstColumn(_ x: Int, width: Int) -> Int? {
    let first = x * stride - padding.left
    return first >= 0 && first + size <= width ? first : nil
  }

  /// Writes or adds the output of a transposed convolution, row by row.
  ///
  /// Zero padding receives no gradient. With other paddings, the gradients of a value's copies
  /// outside of the map are added to the value's own.
  ///
  /// - Parameters:
  ///   - bias: one value per channel, added.
  ///   - row: computes `[columns, channels]` of row `y` of the padded map, starting at column
  ///     `left`.
  func scatter(
    into map: UnsafeMutablePointer<Float>, _ shape: MapShape, bias: UnsafePointer<Float>?,
    adding: Bool, scratch: Int, workspace: Workspace,
    row: (
      _ y: Int, _ left: Int, _ columns: Int, _ values: UnsafeMutablePointer<Float>,
      _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let (channels, length) = (shape.channels, shape.width * shape.channels)
    if padding.mode == .zero {
      workspace.parallel(shape.height, scratch: length + scratch) { y, scratch in
        let target = map + y * length
        if adding {
          row(y + padding.top, padding.left, shape.width, scratch, scratch + length)
          for i in 0..<length { target[i] += scratch[i] }
        } else {
          row(y + padding.top, padding.left, shape.width, target, scratch)
        }
        if let bias { Self.add(bias, to: target, positions: shape.width, channels: channels) }
      }
      return
    }
    let columns = shape.width + padding.left + padding.right
    let rows = shape.height + padding.top + padding.bottom
    let padded = workspace.shared(rows * columns * channels)
    workspace.parallel(rows, scratch: scratch) { y, scratch in
      row(y, 0, columns, padded + y * columns * channels, scratch)
    }
    workspace.parallel(shape.height) { y in
      let target = map + y * length
      if !adding { target.update(repeating: 0, count: length) }
      fold(padded + (y + padding.top) * columns * channels, into: target, shape)
      for outer in 0..<rows where outer < padding.top || outer >= padding.top + shape.height {
        if padding.mode.source(outer - padding.top, length: shape.height) == y {
          fold(padded + outer * columns * channels, into: target, shape)
        }
      }
      if let bias { Self.add(bias, to: target, positions: shape.width, channels: channels) }
    }
  }

  /// Adds a padded row to a row of the map, with the padding folded onto its sources.
  private func fold(
    _ padded: UnsafePointer<Float>, into row: UnsafeMutablePointer<Float>, _ shape: MapShape
  ) {
    let channels = shape.channels
    let inside = padded + padding.left * channels
    for i in 0..<shape.width * channels { row[i] += inside[i] }
    func foldColumn(_ x: Int) {
      let to = padding.mode.source(x, length: shape.width)! * channels
      for channel in 0..<channels { row[to + channel] += inside[x * channels + channel] }
    }
    for x in -padding.left..<0 { foldColumn(x) }
    for x in shape.width..<shape.width + padding.right { foldColumn(x) }
  }

  private static func add(
    _ bias: UnsafePointer<Float>, to row: UnsafeMutablePointer<Float>, positions: Int,
    channels: Int
  ) {
    for position in 0..<positions {
      for channel in 0..<channels { row[position * channels + channel] += bias[channel] }
    }
  }
}
