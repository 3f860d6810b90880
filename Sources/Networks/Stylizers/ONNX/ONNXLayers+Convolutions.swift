import Engine
import ModelFiles

/// Convolutions and transposed convolutions, with the padding before them.
extension ONNXLayers {
  mutating func convolution(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) throws -> Value? {
    guard let kernel = tensor(inputs, 1), kernel.shape.count == 4,
      kernel.shape[2] == kernel.shape[3]
    else { return nil }
    let bias = tensor(inputs, 2)?.floats
    guard bias == nil || bias!.count == kernel.shape[0] else { return nil }
    if case .style = value {
      guard kernel.shape[2] == 1 else { return nil }
      return .vector(
        .projection(
          weights: kernel.floats, bias: bias ?? [Float](repeating: 0, count: kernel.shape[0]),
          inputs: kernel.shape[1]))
    }
    guard let map = map(value), !map.isChannelsLast,
      (node.integers("dilations") ?? [1, 1]).allSatisfy({ $0 == 1 })
    else { return nil }
    let input = chain.layers[map.layer].shape
    let strides = node.integers("strides") ?? [1, 1]
    let groups = node.integer("group") ?? 1
    let size = kernel.shape[2]
    guard let stride = strides.first, strides.allSatisfy({ $0 == stride }), 1...2 ~= stride,
      size % 2 == 1, size <= 31, [1, input.channels].contains(groups),
      kernel.shape[1] * groups == input.channels, groups == 1 || kernel.shape[0] == groups,
      let padding = padding(node, map, input, size: size, stride: stride)
    else { return nil }
    let height = input.height + padding.top + padding.bottom - size
    let width = input.width + padding.left + padding.right - size
    guard height >= 0, width >= 0 else { return nil }
    let layer = LayerChain.Convolution(
      shape: kernel.shape, weights: kernel.floats, bias: bias, stride: stride, padding: padding,
      groups: groups)
    return .map(
      Map(
        layer: chain.add(
          .convolution(layer), input: map.layer,
          shape: MapShape(
            height: height / stride + 1, width: width / stride + 1, channels: kernel.shape[0]))))
  }

  /// The padding of a convolution, its own or that of the operation before it.
  func padding(
    _ node: ONNXGraph.Node, _ map: Map, _ input: MapShape, size: Int, stride: Int
  ) -> EdgePadding? {
    var own = node.integers("pads") ?? [0, 0, 0, 0]
    if let automatic = node.text("auto_pad"), automatic.hasPrefix("SAME") {
      let isUpper = automatic == "SAME_UPPER"
      let sums = [input.height, input.width].map {
        max(0, (($0 + stride - 1) / stride - 1) * stride + size - $0)
      }
      let small = sums.map { $0 / 2 }
      let large = sums.map { $0 - $0 / 2 }
      own = isUpper ? small + large : large + small
    }
    guard own.count == 4, own.allSatisfy({ 0...64 ~= $0 }) else { return nil }
    guard let before = map.padding else {
      return EdgePadding(mode: .zero, top: own[0], left: own[1], bottom: own[2], right: own[3])
    }
    return own == [0, 0, 0, 0] ? before : nil
  }

  mutating func transposedConvolution(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) throws -> Value? {
    guard let map = map(value), !map.isChannelsLast, map.padding == nil,
      let kernel = tensor(inputs, 1), kernel.shape.count == 4, kernel.shape[2] == kernel.shape[3]
    else { return nil }
    let input = chain.layers[map.layer].shape
    let size = kernel.shape[2]
    let bias = tensor(inputs, 2)?.floats
    guard node.integers("strides") == [2, 2], (node.integer("group") ?? 1) == 1,
      kernel.shape[0] == input.channels, size % 2 == 1, 3...31 ~= size,
      (node.integers("dilations") ?? [1, 1]).allSatisfy({ $0 == 1 }),
      bias == nil || bias!.count == kernel.shape[1]
    else { return nil }
    var pads = node.integers("pads") ?? [0, 0, 0, 0]
    let added = node.integers("output_padding") ?? [0, 0]
    if node.text("auto_pad") == "SAME_UPPER" {
      pads = [size / 2 - 1, size / 2 - 1, size / 2, size / 2]
    }
    guard pads.count == 4, added.count == 2, pads.allSatisfy({ 0...64 ~= $0 }) else { return nil }
    let cropped = EdgePadding(
      mode: .zero, top: pads[0], left: pads[1], bottom: max(0, pads[2] - added[0]),
      right: max(0, pads[3] - added[1]))
    guard cropped.top + cropped.bottom == size - 2, cropped.left + cropped.right == size - 2
    else { return nil }
    let layer = LayerChain.Convolution(
      shape: kernel.shape, weights: kernel.floats, bias: bias, stride: 2, padding: cropped,
      groups: 1)
    return .map(
      Map(
        layer: chain.add(
          .transposedConvolution(layer), input: map.layer,
          shape: MapShape(
            height: 2 * input.height, width: 2 * input.width, channels: kernel.shape[1]))))
  }
}
