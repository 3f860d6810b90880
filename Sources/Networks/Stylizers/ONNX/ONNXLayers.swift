import Engine
import ModelFiles

/// Follows the graph of an ONNX model for a picture of one size, and lists its layers.
///
/// Shape arithmetic becomes constants, quantized weights become floats, the quantization of maps is
/// dropped, and instance norms and upsampling that were exported as arithmetic are recognized.
struct ONNXLayers {
  var chain = LayerChain()
  /// The layer that the model returns.
  private(set) var output = 0
  private let graph: ONNXGraph
  private var values: [String: Value] = [:]
  private var arithmetic = ConstantArithmetic()

  /// The value of an edge of the graph.
  enum Value {
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
  struct Map {
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

  func tensor(_ inputs: [Value?], _ index: Int) -> ONNXTensor? {
    if index < inputs.count, case .constant(let tensor) = inputs[index] { tensor } else { nil }
  }

  // MARK: Maps

  /// A value as the map of a layer. Norms become layers when they are first used as a map.
  mutating func map(_ value: Value) -> Map? {
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
  mutating func added(_ kind: LayerChain.Kind, to value: Value) -> Value? {
    guard var map = map(value), map.padding == nil else { return nil }
    map = Map(
      layer: chain.add(kind, input: map.layer, shape: chain.layers[map.layer].shape),
      isChannelsLast: map.isChannelsLast)
    return .map(map)
  }

  mutating func padded(
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

  mutating func clipped(
    _ node: ONNXGraph.Node, _ value: Value, _ inputs: [Value?]
  ) -> Value? {
    let lower = node.float("min") ?? tensor(inputs, 1)?.scalar ?? -.greatestFiniteMagnitude
    let upper = node.float("max") ?? tensor(inputs, 2)?.scalar ?? .greatestFiniteMagnitude
    guard lower <= upper else { return nil }
    return added(.clip(lower...upper), to: value)
  }
}
