import Engine
import ModelFiles

/// Instance norms as single operations, and the means and vectors that they are made of.
extension ONNXLayers {
  mutating func norm(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) -> Value? {
    guard let map = map(value), map.padding == nil, !map.isChannelsLast,
      let scale = tensor(inputs, 1)?.floats, let shift = tensor(inputs, 2)?.floats
    else { return nil }
    let shape = chain.layers[map.layer].shape
    guard scale.count == shape.channels, shift.count == shape.channels else { return nil }
    let norm = LayerChain.Norm(
      epsilon: node.float("epsilon") ?? 1e-5, scale: .constant(scale), shift: .constant(shift))
    return .map(Map(layer: chain.add(.norm(norm), input: map.layer, shape: shape)))
  }

  mutating func mean(_ value: Value) -> Value? {
    if case .form(let form) = value, let mean = form.mean { return .form(mean) }
    guard let map = map(value), map.padding == nil else { return nil }
    return .form(.mean(of: map.layer))
  }

  mutating func mean(_ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]) -> Value? {
    guard let axes = node.integers("axes") ?? tensor(inputs, 1)?.integers else { return nil }
    switch value {
    case .reshaped(let layer, let shape, 1):
      guard axes == [shape.count - 1] || axes == [-1],
        shape.last == chain.layers[layer].shape.positions
      else { return nil }
      return .form(.mean(of: layer))
    case .form:
      return [[2, 3], [-2, -1], [-1], [3]].contains(axes) ? mean(value) : nil
    case .map(let map):
      let spatial = map.isChannelsLast ? [[1, 2]] : [[2, 3], [-2, -1]]
      return spatial.contains(axes) ? mean(value) : nil
    default: return nil
    }
  }

  /// A value with a number for each channel of a layer.
  func vector(_ value: Value, for layer: Int) -> LayerChain.ChannelVector? {
    let channels = chain.layers[layer].shape.channels
    switch value {
    case .vector(let vector): return vector.channels == channels ? vector : nil
    case .constant(let tensor):
      let lengths = tensor.shape.filter { $0 != 1 }
      return lengths == [channels] || (channels == 1 && lengths.isEmpty)
        ? .constant(tensor.floats) : nil
    default: return nil
    }
  }

  func vector(rows: ONNXTensor) -> Value? {
    guard rows.shape.count == 2, rows.count > 0 else { return nil }
    return .vector(.rows(rows.floats, count: rows.shape[0]))
  }

  func number(_ value: Value) -> Float? {
    if case .constant(let tensor) = value { tensor.scalar } else { nil }
  }
}
