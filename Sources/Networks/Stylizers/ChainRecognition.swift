import Engine
import ModelFiles

/// Recognizes the layers of a foreign network as one of the known families, and names its weights.
struct ChainRecognition {
  private let path: String
  private let layers: [LayerChain.Layer]
  private var next = 1
  private var weights: [String: Tensor] = [:]

  /// The style network in an ONNX model.
  ///
  /// - Throws: `ModelFileError.unsupported` for another network.
  static func network(_ graph: ONNXGraph) throws -> StylizerNetwork {
    var recognition = try ChainRecognition(graph)
    let architecture = try recognition.transformer()
    return try StylizerNetwork(architecture, weights: recognition.weights, path: graph.path)
  }

  /// The network in an ONNX model that describes paintings, and its weights.
  ///
  /// - Throws: `ModelFileError.unsupported` for another network.
  static func predictor(_ graph: ONNXGraph) throws -> (PredictorArchitecture, [String: Tensor]) {
    var recognition = try ChainRecognition(graph)
    let architecture = try recognition.predictor()
    return (architecture, recognition.weights)
  }

  private init(_ graph: ONNXGraph) throws {
    let found = try ONNXLayers(graph)
    path = graph.path
    layers = found.chain.layers
    guard found.output == layers.count - 1 else {
      throw unexpected("layers after its output")
    }
  }

  // MARK: Layers

  private func unexpected(_ found: String, instead expected: String? = nil) -> ModelFileError {
    let convolutions = layers.filter {
      if case .convolution = $0.kind { true } else { false }
    }
    let depthwise = convolutions.filter {
      if case .convolution(let convolution) = $0.kind { convolution.groups > 1 } else { false }
    }
    let kind =
      depthwise.isEmpty
      ? "\(convolutions.count) convolutions"
      : "\(convolutions.count) convolutions, \(depthwise.count) of them depthwise,"
    return .unsupported(
      path: path,
      reason: "this network of \(kind) is of no family that Impasto knows: it has \(found)"
        + (expected.map { " instead of \($0)" } ?? ""))
  }

  private func describe(_ index: Int) -> String {
    guard index < layers.count else { return "no more layers" }
    switch layers[index].kind {
    case .convolution(let convolution):
      return
        "a \(convolution.groups > 1 ? "depthwise convolution" : "convolution") of \(convolution.size)x\(convolution.size) with stride \(convolution.stride)"
    case .transposedConvolution: return "a transposed convolution"
    case .norm: return "an instance norm"
    case .relu: return "a ReLU"
    case .sigmoid: return "a sigmoid"
    case .tanh: return "a tanh"
    case .clip: return "a clip"
    case .upsampling: return "an upsampling"
    case .globalPooling: return "a global pooling"
    case .affine: return "a change of scale"
    case .sum: return "a sum"
    case .picture: return "a second picture"
    }
  }

  /// The kind of the next layer, which must read the one before it.
  private func peek() throws -> LayerChain.Kind? {
    guard next < layers.count else { return nil }
    guard layers[next].input == next - 1 else { throw unexpected("branches", instead: "a chain") }
    return layers[next].kind
  }

  /// Takes a convolution, and names its weights.
  private mutating func convolution(
    _ name: String, size: Int, stride: Int = 1, isDepthwise: Bool = false
  ) throws -> LayerChain.Convolution {
    guard case .convolution(let convolution)? = try peek(), convolution.size == size,
      convolution.stride == stride, isDepthwise == (convolution.groups > 1)
    else {
      throw unexpected(
        describe(next),
        instead:
          "a \(isDepthwise ? "depthwise convolution" : "convolution") of \(size)x\(size) with stride \(stride)"
      )
    }
    next += 1
    add(convolution, name)
    return convolution
  }

  private mutating func add(_ convolution: LayerChain.Convolution, _ name: String) {
    weights["\(name).weight"] = Tensor(shape: convolution.shape, elements: convolution.weights)
    if let bias = convolution.bias {
      weights["\(name).bias"] = Tensor(shape: [bias.count], elements: bias)
    }
  }

  /// Takes a layer of a kind that has no weights.
  private mutating func take(
    _ expected: String, _ matches: (LayerChain.Kind) -> Bool
  ) throws {
    guard let kind = try peek(), matches(kind) else {
      throw unexpected(describe(next), instead: expected)
    }
    next += 1
  }

  private mutating func relu() throws {
    try take("a ReLU") { if case .relu = $0 { true } else { false } }
  }

  private mutating func sum(with layer: Int) throws {
    guard next < layers.count, case .sum(layer) = layers[next].kind, layers[next].input == next - 1
    else { throw unexpected(describe(next), instead: "a residual sum") }
    next += 1
  }

  // MARK: Style networks

  private var paddings: Set<Padding> = []
  private var scalings: Set<TransformerArchitecture.Scaling> = []
  private var epsilons: Set<Float> = []
  /// The number of outputs of each convolution.
  private var outputs: [String: Int] = [:]

  private mutating func transformer() throws -> TransformerArchitecture {
    var contraction: [Int] = []
    var normalized = 0
    for (index, (size, stride)) in [(9, 1), (3, 2), (3, 2)].enumerated() {
      contraction.append(try layer("conv\(index + 1)", size: size, stride: stride))
      if try norm("in\(index + 1)", channels: contraction[index]) { normalized += 1 }
      try relu()
    }
    var blocks = 0
    while case .convolution? = try peek() {
      blocks += 1
      let start = next - 1
      for part in 1...2 {
        let name = "res\(blocks)"
        let channels = try layer("\(name).conv\(part)", size: 3)
        guard try norm("\(name).in\(part)", channels: channels) else {
          throw unexpected(describe(next), instead: "an instance norm")
        }
        if part == 1 { try relu() }
      }
      try sum(with: start)
    }
    var expansion: [Int] = []
    var upsamplings: Set<TransformerArchitecture.Upsampling> = []
    for index in 1...2 {
      if case .transposedConvolution(let convolution)? = try peek() {
        guard convolution.size == 3, convolution.padding.top == 0 else {
          throw unexpected("another transposed convolution")
        }
        next += 1
        outputs["deconv\(index)"] = convolution.shape[1]
        add(convolution, "deconv\(index).conv2d")
        expansion.append(convolution.shape[1])
        upsamplings.insert(.transposed)
      } else {
        try take("an upsampling") { if case .upsampling = $0 { true } else { false } }
        expansion.append(try layer("deconv\(index)", size: 3))
        upsamplings.insert(.nearest)
      }
      guard try norm("in\(index + 3)", channels: expansion[index - 1]) else {
        throw unexpected(describe(next), instead: "an instance norm")
      }
      try relu()
    }
    let colors = try layer("deconv3", size: 9)
    guard colors == 3 else { throw unexpected("\(colors) channels", instead: "three at its end") }
    let isOutputNormalized = try norm("in6", channels: 3)
    let output = try output()
    guard next == layers.count else { throw unexpected(describe(next), instead: "its end") }
    guard paddings.count == 1, scalings.count == 1, epsilons.count == 1, upsamplings.count == 1,
      [0, 3].contains(normalized)
    else { throw unexpected("layers of different kinds where they are alike") }
    let hasBiases = addMissingBiases()
    return TransformerArchitecture(
      contraction: contraction, blocks: blocks, expansion: expansion, padding: paddings.first!,
      upsampling: upsamplings.first!, scaling: scalings.first!,
      normalizesContraction: normalized == 3, normalizesOutput: isOutputNormalized,
      hasBiases: hasBiases, output: output, epsilon: epsilons.first!)
  }

  /// Takes a convolution of the style network, and returns the number of its outputs.
  private mutating func layer(_ name: String, size: Int, stride: Int = 1) throws -> Int {
    let input = layers[next - 1].shape
    let convolution = try convolution("\(name).conv2d", size: size, stride: stride)
    let padding = convolution.padding
    if padding.mode == .zero {
      let sums = [input.height, input.width].map {
        max(0, (($0 + stride - 1) / stride - 1) * stride + size - $0)
      }
      guard
        [padding.top, padding.left, padding.bottom, padding.right]
          == sums.map({ $0 / 2 }) + sums.map({ $0 - $0 / 2 })
      else { throw unexpected("another padding", instead: "one that keeps the size") }
    } else {
      guard padding == .same(size: size, mode: padding.mode) else {
        throw unexpected("another padding", instead: "one that keeps the size")
      }
    }
    paddings.insert(padding.mode)
    outputs[name] = convolution.shape[0]
    return convolution.shape[0]
  }

  /// Takes a norm if there is one, and names its weights.
  private mutating func norm(_ name: String, channels: Int) throws -> Bool {
    guard case .norm(let norm)? = try peek() else { return false }
    next += 1
    epsilons.insert(norm.epsilon)
    let ones = LayerChain.ChannelVector.constant([Float](repeating: 1, count: channels))
    let zeros = LayerChain.ChannelVector.constant([Float](repeating: 0, count: channels))
    try add(norm.scale ?? ones, "\(name).weight", channels)
    try add(norm.shift ?? zeros, "\(name).bias", channels)
    return true
  }

  private mutating func add(
    _ vector: LayerChain.ChannelVector, _ name: String, _ channels: Int
  ) throws {
    guard vector.channels == channels else { throw unexpected("norms of other sizes") }
    switch vector {
    case .constant(let values):
      scalings.insert(.single)
      weights[name] = Tensor(shape: [channels], elements: values)
    case .rows(let values, let count):
      scalings.insert(.rows(count))
      weights[name] = Tensor(shape: [count, channels], elements: values)
    case .projection(let values, let bias, let inputs):
      scalings.insert(.predicted(inputs))
      weights["\(name).weight"] = Tensor(shape: [channels, inputs, 1, 1], elements: values)
      weights["\(name).bias"] = Tensor(shape: [channels], elements: bias)
    }
  }

  /// Takes the end of the network, after the last convolution and its norm.
  private mutating func output() throws -> TransformerArchitecture.Output {
    switch try peek() {
    case .sigmoid?:
      next += 1
      return .sigmoid
    case .tanh?:
      next += 1
      var change: (scale: Float, offset: Float) = (1, 0)
      while case .affine(let scale, let offset)? = try peek() {
        next += 1
        change = (scale * change.scale, scale * change.offset + offset)
      }
      guard change == (150, 127.5) else {
        throw unexpected("another change of scale", instead: "150 tanh + 127.5")
      }
      return .tanh
    default: return .linear
    }
  }

  /// Gives all convolutions biases if one has them.
  private mutating func addMissingBiases() -> Bool {
    guard outputs.keys.contains(where: { weights["\($0).conv2d.bias"] != nil }) else {
      return false
    }
    for (name, count) in outputs where weights["\(name).conv2d.bias"] == nil {
      weights["\(name).conv2d.bias"] = Tensor(shape: [count], repeating: 0)
    }
    return true
  }

  // MARK: Predictors

  private mutating func predictor() throws -> PredictorArchitecture {
    func isClip(_ kind: LayerChain.Kind) -> Bool {
      if case .clip(0...6) = kind { true } else { false }
    }
    let stem = try convolution("predictor.stem", size: 3, stride: 2).shape[0]
    try take("a ReLU that is clipped at 6", isClip)
    var blocks: [PredictorArchitecture.Block] = []
    var channels = stem
    var top = 0
    while top == 0 {
      let start = next - 1
      let name = "predictor.block\(blocks.count + 1)"
      var expansion: Int?
      if case .convolution(let convolution)? = try peek(), convolution.size == 1 {
        expansion = convolution.shape[0]
        // The last convolution of 1x1 is followed by the mean and not by a block.
        if next + 2 < layers.count, case .globalPooling = layers[next + 2].kind {
          top = try self.convolution("predictor.top", size: 1).shape[0]
          try take("a ReLU that is clipped at 6", isClip)
          break
        }
        _ = try self.convolution("\(name).expand", size: 1)
        try take("a ReLU that is clipped at 6", isClip)
      }
      guard case .convolution(let depthwise)? = try peek() else {
        throw unexpected(describe(next), instead: "a depthwise convolution")
      }
      _ = try convolution(
        "\(name).depthwise", size: 3, stride: depthwise.stride, isDepthwise: true)
      try take("a ReLU that is clipped at 6", isClip)
      let outputs = try convolution("\(name).project", size: 1).shape[0]
      if depthwise.stride == 1, outputs == channels { try sum(with: start) }
      blocks.append(
        PredictorArchitecture.Block(
          expansion: expansion, channels: outputs, stride: depthwise.stride))
      channels = outputs
    }
    try take("a global pooling") { if case .globalPooling = $0 { true } else { false } }
    let length = try convolution("predictor.vector", size: 1).shape[0]
    guard next == layers.count else { throw unexpected(describe(next), instead: "its end") }
    for name in weights.keys where name.hasSuffix(".weight") {
      let bias = String(name.dropLast("weight".count)) + "bias"
      if weights[bias] == nil {
        weights[bias] = Tensor(shape: [weights[name]!.shape[0]], repeating: 0)
      }
    }
    return PredictorArchitecture(stem: stem, blocks: blocks, top: top, length: length)
  }
}
