/// A depthwise convolution, in which each channel has its own kernel.
struct DepthwiseKernel: ConvolutionKernel {
  let window: ConvolutionWindow
  let channels: Int

  /// The weights as `[tap, channel]`, which lets the compiler vectorize over channels.
  private func transposed(_ weights: UnsafePointer<Float>) -> FloatBuffer {
    let buffer = FloatBuffer(count: window.taps * channels)
    for channel in 0..<channels {
      for tap in 0..<window.taps {
        buffer.pointer[tap * channels + channel] = weights[channel * window.taps + tap]
      }
    }
    return buffer
  }

  func forward(
    _ x: UnsafePointer<Float>, _ xShape: MapShape, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, _ yShape: MapShape,
    adding: Bool, workspace: Workspace
  ) {
    let buffer = transposed(weights)
    defer { withExtendedLifetime(buffer) {} }
    let factors = buffer.pointer
    workspace.parallel(yShape.height) { row in
      for column in 0..<yShape.width {
        let to = y + (row * yShape.width + column) * channels
        if !adding { to.update(repeating: 0, count: channels) }
        if let bias { for channel in 0..<channels { to[channel] += bias[channel] } }
        forEachTap(row, column, xShape) { tap, place in
          let (factor, from) = (factors + tap * channels, x + place * channels)
          for channel in 0..<channels { to[channel] += factor[channel] * from[channel] }
        }
      }
    }
  }

  func transposed(
    _ y: UnsafePointer<Float>, _ yShape: MapShape, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, into x: UnsafeMutablePointer<Float>, _ xShape: MapShape,
    adding: Bool, workspace: Workspace
  ) {
    let buffer = transposed(weights)
    defer { withExtendedLifetime(buffer) {} }
    let factors = buffer.pointer
    let (size, stride) = (window.size, window.stride)
    window.scatter(
      into: x, xShape, bias: bias, adding: adding, scratch: 0, workspace: workspace
    ) { row, left, columns, values, _ in
      values.update(repeating: 0, count: columns * channels)
      for tapRow in 0..<size where row >= tapRow && (row - tapRow) % stride == 0 {
        let outputRow = (row - tapRow) / stride
        guard outputRow < yShape.height else { continue }
        for column in 0..<columns {
          let to = values + column * channels
          for tapColumn in 0..<size {
            let distance = left + column - tapColumn
            guard distance >= 0, distance % stride == 0, distance / stride < yShape.width else {
              continue
            }
            let from = y + (outputRow * yShape.width + distance / stride) * channels
            let factor = factors + (tapRow * size + tapColumn) * channels
            for channel in 0..<channels { to[channel] += factor[channel] * from[channel] }
          }
        }
      }
    }
  }

  func addWeightGradient(
    _ x: UnsafePointer<Float>, _ xShape: MapShape, upstream: UnsafePointer<Float>,
    _ yShape: MapShape, into gradient: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let sums = workspace.sum(positions: yShape.positions, values: window.taps * channels) {
      positions, sums in
      for position in positions {
        let above = upstream + position * channels
        forEachTap(position / yShape.width, position % yShape.width, xShape) { tap, place in
          let (sum, from) = (sums + tap * channels, x + place * channels)
          for channel in 0..<channels { sum[channel] += Double(above[channel] * from[channel]) }
        }
      }
    }
    for channel in 0..<channels {
      for tap in 0..<window.taps {
        gradient[channel * window.taps + tap] += Float(sums[tap * channels + channel])
      }
    }
  }

  /// Calls `body` for each tap at which an output reads the map rather than zeros, with the
  /// position that it reads.
  @inline(__always)
  private func forEachTap(
    _ row: Int, _ column: Int, _ shape: MapShape, _ body: (_ tap: Int, _ place: Int) -> Void
  ) {
    for tapRow in 0..<window.size {
      guard let y = window.row(row, tap: tapRow, height: shape.height) else { continue }
      for tapColumn in 0..<window.size {
        guard let x = window.column(column, tap: tapColumn, width: shape.width) else { continue }
        body(tapRow * window.size + tapColumn, y * shape.width + x)
      }
    }
  }
}
