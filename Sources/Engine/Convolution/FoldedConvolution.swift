/// The way back through a convolution that padded its map by repeating values: what
/// reached a value's copies outside of the map is added to the value itself.
struct FoldedConvolution: Sendable {
  /// The way back with zeros outside.
  let inner: PackedConvolution
  let reach: Int
  let padding: Padding

  func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, ending: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let enlarged = MapShape(
      height: shape.height + 2 * reach, width: shape.width + 2 * reach, channels: shape.channels)
    let source = FloatBuffer(count: enlarged.count)
    source.pointer.update(repeating: 0, count: enlarged.count)
    for y in 0..<shape.height {
      (source.pointer + ((y + reach) * enlarged.width + reach) * shape.channels)
        .update(
          from: input + y * shape.width * shape.channels, count: shape.width * shape.channels)
    }
    let channels = inner.outputs
    let gradient = FloatBuffer(count: enlarged.positions * channels)
    inner(
      .map(source.pointer), enlarged, into: .map(gradient.pointer, Epilogue()),
      workspace: workspace)
    let folded = FloatBuffer(count: shape.positions * channels)
    folded.pointer.update(repeating: 0, count: folded.count)
    for y in 0..<enlarged.height {
      let row = padding.source(y - reach, length: shape.height)!
      for x in 0..<enlarged.width {
        let column = padding.source(x - reach, length: shape.width)!
        let from = gradient.pointer + (y * enlarged.width + x) * channels
        let to = folded.pointer + (row * shape.width + column) * channels
        for channel in 0..<channels { to[channel] += from[channel] }
      }
    }
    let addend = FloatBuffer(count: folded.count)
    defer { withExtendedLifetime((source, gradient, folded, addend)) {} }
    ending.apply(
      to: folded.pointer, at: 0..<shape.positions, channels: channels, scratch: addend.pointer,
      kernels: workspace.kernels)
    output.update(from: folded.pointer, count: folded.count)
  }
}
