import Engine
import ModelFiles

/// Follows the graph of an ONNX model for a picture of one size, and lists its layers.
///
/// Shape arithmetic becomes constants, quantized weights become floats, the quantization of maps is
/// dropped, and instance norms and upsampling that were exported as arithmetic are recognized.
struct ONNXLayers {
  private(set) var chain = LayerChain()
  /// The layer that the model returns.
  private(set) var output = 0
  private let graph: ONNXGraph
  private var values: [String: Value] = [:]
  private var arithmetic = ConstantArithmetic()

  /// The value of an edge of the graph.
  private enum Value {
    case constant(ONNXTensor)
    case map(Map)
    /// A map in another shape, on the way to an upsampled map or to a mean.
    case reshaped(layer: Int, shape: [Int], repeats: Int)
    case form(NormForm)
    /// The second input, which selects or describes the style.
    case style
    /// The product of the style with rows `[rows, channels]`, before their sum.
    case weightedRows(ONNXTensor)
    case vector(LayerChain.ChannelVector)
  }

  /// The map of a layer, perhaps padded.
  private struct Map {
    let layer: Int
    var isChannelsLast = false
    var padding: EdgePadding?
  }

  /// The size of pictures where the model does not fix it: a multiple of every stride.
  private static let probe = (height: 256, width: 320)

  /// Follows a graph.
  ///
  /// - Throws: `ModelFileError.unsupported` for a graph that is not made of the layers of a style
  ///   network.
  init(_ graph: ONNXGraph) throws {
    self.graph = graph
    for (name, tensor) in graph.constants { values[name] = .constant(tensor) }
    try addInputs()
    for node in graph.nodes {
      let inputs = try node.inputs.map { name -> Value? in
        if name.isEmpty { return nil }
        guard let value = values[name] else {
          throw unsupported(
            "operation \(node.operation) reads '\(name.prefix(80))', which nothing before it computes"
          )
        }
        return value
      }
      guard let name = node.outputs.first else { continue }
      values[name] = try value(of: node, inputs)
    }
    guard let name = graph.outputs.first, let value = values[name] else {
      throw unsupported("the model's output is missing")
    }
    if case .reshaped(let layer, _, repeats: 1) = value {
      output = layer
    } else if let map = map(value), map.padding == nil {
      output = map.layer
    } else {
      throw unsupported("the model's output is not a picture")
    }
  }

  private func unsupported(_ reason: String) -> ModelFileError {
    .unsupported(path: graph.path, reason: reason)
  }

  private func unsupported(_ node: ONNXGraph.Node, _ problem: String) -> ModelFileError {
    let convolutions = graph.nodes.filter { $0.operation == "Conv" }
    let depthwise = convolutions.filter { ($0.integer("group") ?? 1) > 1 }.count
    return unsupported(
      "this network of \(convolutions.count) convolutions"
        + (depthwise > 0 ? ", \(depthwise) of them depthwise," : "")
        + " is of no family that Impasto knows: its operation \(node.operation) \(problem)")
  }

  // MARK: Inputs

  private mutating func addInputs() throws {
    guard (1...2).contains(graph.inputs.count) else {
      throw unsupported(
        "the model has \(graph.inputs.count) inputs; a style network has one or two")
    }
    var hasPicture = false
    for input in graph.inputs {
      if !hasPicture, let picture = picture(input) {
        values[input.name] = .map(picture)
        hasPicture = true
      } else {
        values[input.name] = .style
      }
    }
    guard hasPicture else {
      throw unsupported("none of the model's inputs is a picture with three channels")
    }
  }

  private mutating func picture(_ input: ONNXGraph.Input) -> Map? {
    let shape = input.shape
    guard shape.count == 4 else { return nil }
    let isChannelsLast = shape[1] != 3 && shape[3] == 3
    guard isChannelsLast || shape[1] == 3 else { return nil }
    func side(_ index: Int, _ probe: Int) -> Int { min(shape[index] ?? probe, 1 << 16) }
    let first = isChannelsLast ? 1 : 2
    let layer = chain.add(
      .picture, input: 0,
      shape: MapShape(
        height: side(first, Self.probe.height), width: side(first + 1, Self.probe.width),
        channels: 3))
    return Map(layer: layer, isChannelsLast: isChannelsLast)
  }

  // MARK: Nodes

  private mutating func value(of node: ONNXGraph.Node, _ inputs: [Value?]) throws -> Value {
    if let constant = constant(of: node, inputs) { return .constant(constant) }
    guard let first = inputs.first ?? nil else { throw unsupported(node, "has no input") }
    let second = inputs.count > 1 ? inputs[1] : nil
    let result: Value? =
      switch node.operation {
      // Quantized maps are computed in full precision instead.
      case "Identity", "Dropout", "Cast", "QuantizeLinear", "DequantizeLinear": first
      case "Conv": try convolution(node, first, inputs)
      case "ConvTranspose": try transposedConvolution(node, first, inputs)
      case "Pad": try padded(node, first, inputs)
      case "InstanceNormalization": norm(node, first, inputs)
      case "Relu": added(.relu, to: first)
      case "Sigmoid": added(.sigmoid, to: first)
      case "Tanh": added(.tanh, to: first)
      case "Clip": clipped(node, first, inputs)
      case "Upsample", "Resize": try upsampled(node, first, inputs)
      case "GlobalAveragePool": mean(first)
      case "ReduceMean": mean(node, first, inputs)
      case "ReduceSum":
        if case .weightedRows(let rows) = first { vector(rows: rows) } else { nil }
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze": reshaped(node, first, second)
      case "Transpose": transposed(node, first)
      case "Concat": doubled(first, inputs)
      case "Add": second.flatMap { sum(first, $0) }
      case "Sub": second.flatMap { difference(first, $0) }
      case "Mul": second.flatMap { product(first, $0) }
      case "Div": second.flatMap { quotient(first, $0) }
      case "MatMul", "Gemm":
        if case .style = first, case .constant(let rows)? = second, inputs.count == 2 {
          vector(rows: rows)
        } else {
          nil
        }
      case "Sqrt": if case .form(let form) = first { form.squareRoot.map(Value.form) } else { nil }
      case "Reciprocal":
        if case .form(let form) = first { form.reciprocal.map(Value.form) } else { nil }
      case "Pow": power(first, second)
      default: nil
      }
    guard let result else {
      throw unsupported(node, "is none of a style network, or has other settings")
    }
    return result
  }

  /// The value of a node that only depends on constants and on the shapes of maps.
  private mutating func constant(of node: ONNXGraph.Node, _ inputs: [Value?]) -> ONNXTensor? {
    if node.operation == "Shape", let first = inputs.first ?? nil, let map = map(first),
      map.padding == nil
    {
      let shape = chain.layers[map.layer].shape
      let lengths =
        map.isChannelsLast
        ? [1, shape.height, shape.width, shape.channels]
        : [1, shape.channels, shape.height, shape.width]
      return ONNXTensor(shape: [4], .integers(lengths))
    }
    var constants: [ONNXTensor?] = []
    for input in inputs {
      switch input {
      case .constant(let tensor): constants.append(tensor)
      case nil: constants.append(nil)
      default: return nil
      }
    }
    return arithmetic.result(of: node, constants)
  }

  private func tensor(_ inputs: [Value?], _ index: Int) -> ONNXTensor? {
    if index < inputs.count, case .constant(let tensor) = inputs[index] { tensor } else { nil }
  }

  // MARK: Maps

  /// A value as the map of a layer. Norms become layers when they are first used as a map.
  private mutating func map(_ value: Value) -> Map? {
    switch value {
    case .map(let map): return map
    case .form(let form):
      let shape = chain.layers[form.layer].shape
      switch form.kind {
      case .norm(let affine):
        let norm = LayerChain.Norm(
          epsilon: affine.epsilon, scale: affine.scale, shift: affine.shift)
        return Map(layer: chain.add(.norm(norm), input: form.layer, shape: shape))
      case .mean:
        return Map(
          layer: chain.add(
            .globalPooling, input: form.layer,
            shape: MapShape(height: 1, width: 1, channels: shape.channels)))
      default: return nil
      }
    default: return nil
    }
  }

  /// Adds a layer that keeps the shape of its input.
  private mutating func added(_ kind: LayerChain.Kind, to value: Value) -> Value? {
    guard var map = map(value), map.padding == nil else { return nil }
    map = Map(
      layer: chain.add(kind, input: map.layer, shape: chain.layers[map.layer].shape),
      isChannelsLast: map.isChannelsLast)
    return .map(map)
  }

  private mutating func padded(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) throws -> Value? {
    guard var map = map(value), map.padding == nil,
      let pads = node.integers("pads") ?? tensor(inputs, 1)?.integers, pads.count == 8
    else { return nil }
    let first = map.isChannelsLast ? 1 : 2
    let edges = [first, first + 1, first + 4, first + 5].map { pads[$0] }
    let others = pads.indices.filter { ![first, first + 1, first + 4, first + 5].contains($0) }
    guard edges.allSatisfy({ 0...64 ~= $0 }), others.allSatisfy({ pads[$0] == 0 }) else {
      return nil
    }
    let mode: Padding
    switch node.text("mode") ?? "constant" {
    case "reflect": mode = .reflect
    case "edge": mode = .replicate
    case "constant" where (tensor(inputs, 2)?.scalar ?? node.float("value") ?? 0) == 0:
      mode = .zero
    default: return nil
    }
    map.padding = EdgePadding(
      mode: mode, top: edges[0], left: edges[1], bottom: edges[2], right: edges[3])
    return .map(map)
  }

  // MARK: Convolutions

  private mutating func convolution(
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
  private func padding(
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

  private mutating func transposedConvolution(
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

  // MARK: Upsampling

  private mutating func upsampled(
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

  private mutating func upsampling(_ layer: Int) -> Map {
    let shape = chain.layers[layer].shape
    return Map(
      layer: chain.add(
        .upsampling, input: layer,
        shape: MapShape(
          height: 2 * shape.height, width: 2 * shape.width, channels: shape.channels)))
  }

  /// PyTorch before 1.0 exports upsampling as two concatenations of a map with itself: of columns
  /// of single values, and then of rows.
  private func doubled(_ value: Value, _ inputs: [Value?]) -> Value? {
    guard inputs.count == 2, case .reshaped(let layer, let shape, let repeats) = value,
      case .reshaped(layer, shape, repeats)? = inputs[1], shape.count == 2
    else { return nil }
    let width = chain.layers[layer].shape.width
    let isExpected = (repeats == 1 && shape[1] == 1) || (repeats == 2 && shape[1] == 2 * width)
    return isExpected
      ? .reshaped(layer: layer, shape: [shape[0], 2 * shape[1]], repeats: 2 * repeats) : nil
  }

  private mutating func reshaped(
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

  private mutating func transposed(_ node: ONNXGraph.Node, _ value: Value) -> Value? {
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

  // MARK: Norms

  private mutating func norm(
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

  private mutating func mean(_ value: Value) -> Value? {
    if case .form(let form) = value, let mean = form.mean { return .form(mean) }
    guard let map = map(value), map.padding == nil else { return nil }
    return .form(.mean(of: map.layer))
  }

  private mutating func mean(_ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]) -> Value? {
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
  private func vector(_ value: Value, for layer: Int) -> LayerChain.ChannelVector? {
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

  private func vector(rows: ONNXTensor) -> Value? {
    guard rows.shape.count == 2, rows.count > 0 else { return nil }
    return .vector(.rows(rows.floats, count: rows.shape[0]))
  }

  private func number(_ value: Value) -> Float? {
    if case .constant(let tensor) = value { tensor.scalar } else { nil }
  }

  // MARK: Arithmetic

  private mutating func sum(_ a: Value, _ b: Value) -> Value? {
    if let result = orderedSum(a, b) ?? orderedSum(b, a) { return result }
    guard let first = map(a), let second = map(b), first.padding == nil, second.padding == nil,
      first.isChannelsLast == second.isChannelsLast
    else { return nil }
    let shape = chain.layers[first.layer].shape
    guard shape == chain.layers[second.layer].shape else { return nil }
    // The later layer is the input, and the earlier one is what skips it.
    let (skipped, last) = (min(first.layer, second.layer), max(first.layer, second.layer))
    return .map(
      Map(
        layer: chain.add(.sum(skipped), input: last, shape: shape),
        isChannelsLast: first.isChannelsLast))
  }

  private mutating func orderedSum(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.form(let form), _):
      if let number = number(b), let sum = form.plus(number) { return .form(sum) }
      if let vector = vector(b, for: form.layer), let sum = form.plus(vector) { return .form(sum) }
      if case .form(let other) = b { return form.plus(other).map(Value.form) }
      return nil
    // Some exports add as good as nothing, to make a copy.
    case (.reshaped, .constant(let tensor)):
      return tensor.scalar.flatMap { abs($0) <= 1e-6 ? a : nil }
    case (.map(let map), .constant(let tensor)):
      if let number = tensor.scalar, chain.layers[map.layer].shape.channels > 1 {
        return added(.affine(scale: 1, offset: number), to: a)
      }
      guard case .constant(let bias)? = vector(b, for: map.layer), map.padding == nil,
        chain.addBias(bias, to: map.layer)
      else { return nil }
      return a
    default: return nil
    }
  }

  private mutating func difference(_ a: Value, _ b: Value) -> Value? {
    if case .form(let form) = b {
      if case .map(let map) = a, map.padding == nil {
        return NormForm.difference(map.layer, form).map(Value.form)
      }
      guard let vector = vector(a, for: form.layer) else { return nil }
      return NormForm.difference(vector, form).map(Value.form)
    }
    guard case .map = a, let number = number(b) else { return nil }
    return added(.affine(scale: 1, offset: -number), to: a)
  }

  private mutating func product(_ a: Value, _ b: Value) -> Value? {
    orderedProduct(a, b) ?? orderedProduct(b, a)
  }

  private mutating func orderedProduct(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.form(let form), .form(let other)): return form.times(other).map(Value.form)
    case (.map(let map), .form(let form)):
      return NormForm.product(map.layer, form).map(Value.form)
    case (.form(let form), _):
      return vector(b, for: form.layer).flatMap { form.times($0) }.map(Value.form)
    case (.style, .constant(let rows)) where rows.shape.count == 2: return .weightedRows(rows)
    case (.map, .constant(let tensor)):
      return tensor.scalar.flatMap { added(.affine(scale: $0, offset: 0), to: a) }
    default: return nil
    }
  }

  private mutating func quotient(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.form(let form), .form(let other)): form.divided(by: other).map(Value.form)
    case (.constant, .form(let form)): number(a) == 1 ? form.reciprocal.map(Value.form) : nil
    case (.map, .constant(let tensor)):
      tensor.scalar.flatMap { $0 == 0 ? nil : added(.affine(scale: 1 / $0, offset: 0), to: a) }
    default: nil
    }
  }

  private func power(_ value: Value, _ exponent: Value?) -> Value? {
    guard case .form(let form) = value, let exponent = exponent.flatMap(number) else { return nil }
    return switch exponent {
    case 2: form.squared.map(Value.form)
    case 0.5: form.squareRoot.map(Value.form)
    case -0.5: form.squareRoot?.reciprocal.map(Value.form)
    default: nil
    }
  }

  private mutating func clipped(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) -> Value? {
    let lower = node.float("min") ?? tensor(inputs, 1)?.scalar ?? -.greatestFiniteMagnitude
    let upper = node.float("max") ?? tensor(inputs, 2)?.scalar ?? .greatestFiniteMagnitude
    guard lower <= upper else { return nil }
    return added(.clip(lower...upper), to: value)
  }
}
