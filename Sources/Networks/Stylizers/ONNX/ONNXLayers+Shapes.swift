import Engine
import ModelFiles

/// Upsampling, and changes of shape on the way to it.
extension ONNXLayers {
  mutating func upsampled(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) throws -> Value? {
    guard let map = map(value), map.padding == nil, !map.isChannelsLast else { return nil }
    let shape = chain.layers[map.layer].shape
    let isUpsample = node.operation == "Upsample"
    var scales = tensor(inputs, isUpsample ? 1 : inputs.count == 2 ? 1 : 2)?.floats
    if case .floats(let values) = node.attributes["scales"] { scales = values }
    if scales?.isEmpty != false, let sizes = tensor(inputs, 3)?.integers, sizes.count == 4 {
      scales = zip(sizes, [1, shape.channels, shape.height, shape.width]).map {
        Float($0) / Float($1)
      }
    }
    let mode = node.text("mode") ?? "nearest"
    guard let scales else { return nil }
    if scales == [1, 1, 1, 1] { return value }
    let coordinates = node.text("coordinate_transformation_mode") ?? "half_pixel"
    let rounding = node.text("nearest_mode") ?? "round_prefer_floor"
    // All these give the same for a factor of 2.
    let isExact =
      isUpsample || (coordinates == "asymmetric" && rounding == "floor")
      || (coordinates != "align_corners" && coordinates != "asymmetric")
    guard scales == [1, 1, 2, 2], mode == "nearest", isExact else { return nil }
    return .map(upsampling(map.layer))
  }

  mutating func upsampling(_ layer: Int) -> Map {
    let shape = chain.layers[layer].shape
    return Map(
      layer: chain.add(
        .upsampling, input: layer,
        shape: MapShape(
          height: 2 * shape.height, width: 2 * shape.width, channels: shape.channels)))
  }

  /// PyTorch before 1.0 exports upsampling as two concatenations of a map with itself: of columns
  /// of single values, and then of rows.
  func doubled(_ value: Value, _ inputs: [Value?]) -> Value? {
    guard inputs.count == 2, case .reshaped(let layer, let shape, let repeats) = value,
      case .reshaped(layer, shape, repeats)? = inputs[1], shape.count == 2
    else { return nil }
    let width = chain.layers[layer].shape.width
    let isExpected = (repeats == 1 && shape[1] == 1) || (repeats == 2 && shape[1] == 2 * width)
    return isExpected
      ? .reshaped(layer: layer, shape: [shape[0], 2 * shape[1]], repeats: 2 * repeats) : nil
  }

  mutating func reshaped(
    _ node: ONNXGraph.Node, _ value: Value, _ lengths: Value?
  ) -> Value? {
    switch value {
    case .style, .vector, .form: return value
    case .weightedRows, .constant: return nil
    case .map, .reshaped: break
    }
    guard node.operation == "Reshape", case .constant(let tensor)? = lengths,
      let wanted = tensor.integers
    else { return nil }
    if case .reshaped(let layer, let shape, let repeats) = value {
      guard let new = ONNXTensor.resolved(wanted, of: shape) else { return nil }
      let map = chain.layers[layer].shape
      if repeats == 4, new == [1, map.channels, 2 * map.height, 2 * map.width] {
        return .map(upsampling(layer))
      }
      return .reshaped(layer: layer, shape: new, repeats: repeats)
    }
    guard let map = map(value), map.padding == nil, !map.isChannelsLast else { return nil }
    let shape = chain.layers[map.layer].shape
    let own = [1, shape.channels, shape.height, shape.width]
    guard let new = ONNXTensor.resolved(wanted, of: own) else { return nil }
    return new == own ? .map(map) : .reshaped(layer: map.layer, shape: new, repeats: 1)
  }

  mutating func transposed(_ node: ONNXGraph.Node, _ value: Value) -> Value? {
    guard var map = map(value) else {
      if case .style = value { return value }
      return nil
    }
    switch (node.integers("perm"), map.isChannelsLast) {
    case ([0, 3, 1, 2], true): map.isChannelsLast = false
    case ([0, 2, 3, 1], false): map.isChannelsLast = true
    default: return nil
    }
    return .map(map)
  }
}
