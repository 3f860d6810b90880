/// The backward pass of a convolution with replicate or reflect padding.
///
/// It computes the gradient of the padded map, and adds the gradients in the padding to those of
/// the values that the forward pass read there.
struct FoldedConvolution: Sendable {
  /// The backward pass with zero padding.
  let inner: PackedConvolution
  let reach: Int
  let padding: Padding

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, epilogue: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let enlarged = MapShape(
      height: shape.height + 2 * reach, width: shape.width + 2 * reach, channels: shape.channels)
    let channels = inner.outputs
    let source = workspace.shared(
      enlarged.count + enlarged.positions * channels, for: .enlargedMaps)
    let gradient = source + enlarged.count
    enlarge(input, shape, into: source, enlarged, workspace)
    inner(.map(source), enlarged, into: .map(gradient, Epilogue()), workspace: workspace)
    let rowLength = shape.width * channels
    workspace.parallel(shape.height, scratch: 2 * rowLength) { y, values in
      fold(gradient, shape, row: y, into: values)
      epilogue.apply(
        to: values, at: y * shape.width..<(y + 1) * shape.width, channels: channels,
        scratch: values + rowLength, kernels: workspace.kernels)
      (output + y * rowLength).update(from: values, count: rowLength)
    }
  }

  /// Copies a map and surrounds it with zeros.
  private func enlarge(
    _ input: UnsafePointer<Float>, _ shape: MapShape, into target: UnsafeMutablePointer<Float>,
    _ enlarged: MapShape, _ workspace: Workspace
  ) {
    let (margin, rowLength) = (reach * shape.channels, shape.width * shape.channels)
    let enlargedLength = enlarged.width * shape.channels
    workspace.parallel(enlarged.height) { y in
      let row = target + y * enlargedLength
      guard 0..<shape.height ~= y - reach else {
        row.update(repeating: 0, count: enlargedLength)
        return
      }
      row.update(repeating: 0, count: margin)
      (row + margin).update(from: input + (y - reach) * rowLength, count: rowLength)
      (row + margin + rowLength).update(repeating: 0, count: margin)
    }
  }

  /// Sums the gradients of the enlarged map whose source is in one row of the map.
  private func fold(
    _ gradient: UnsafePointer<Float>, _ shape: MapShape, row y: Int,
    into values: UnsafeMutablePointer<Float>
  ) {
    let channels = inner.outputs
    let width = shape.width + 2 * reach
    values.update(repeating: 0, count: shape.width * channels)
    for row in padding.places(of: y, reach: reach, length: shape.height) {
      for x in -reach..<shape.width + reach {
        let column = padding.source(x, length: shape.width)!
        let from = gradient + ((row + reach) * width + x + reach) * channels
        let to = values + column * channels
        for channel in 0..<channels { to[channel] += from[channel] }
      }
    }
  }
}
