import Engine
import TestSupport
import Testing

/// Compares whole graphs with the reference executor.
@Suite struct ExecutorTests {
  /// A graph, its input, and the values that the test reads.
  private struct Network {
    var graph = Graph()
    var input: Graph.Value
    var taps: [Graph.Value] = []

    init(channels: Int = 3) { input = graph.input(channels: channels) }

    mutating func convolution(
      _ value: Graph.Value, _ inputs: Int, _ outputs: Int, size: Int = 3, stride: Int = 1,
      _ mode: Padding = .zero, groups: Int = 1
    ) -> Graph.Value {
      let name = "convolution \(graph.nodes.count)"
      return graph.add(
        Convolution(
          inputs: inputs, outputs: outputs, size: size, stride: stride,
          padding: .same(size: size, mode: mode), groups: groups,
          weights: graph.parameter(
            "\(name).weight", shape: [outputs, inputs / groups, size, size]),
          bias: graph.parameter("\(name).bias", shape: [outputs])),
        value, name: name)
    }

    mutating func norm(_ value: Graph.Value, _ channels: Int, rows: Int = 1) -> Graph.Value {
      let name = "norm \(graph.nodes.count)"
      return graph.add(
        InstanceNorm(
          channels: channels,
          scaling: .parameters(
            scale: graph.parameter("\(name).scale", shape: [rows, channels]),
            shift: graph.parameter("\(name).shift", shape: [rows, channels]), rows: rows)),
        value, name: name)
    }
  }

  private func expectReference(
    _ network: Network, height: Int = 6, width: Int = 5, rows: RowSelection = .row(0),
    gradients: Plan.Gradients = [.inputs, .parameters],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var random = SmallRandom(31)
    let channels = (network.graph[network.input].operation as! Input).channels
    let image = random.tensor([height, width, channels])
    for kernels in Kernels.available {
      let plan = try Plan(
        network.graph,
        inputs: [network.input: MapShape(height: height, width: width, channels: channels)],
        features: Set(network.taps), gradients: gradients, kernels: kernels)
      let parameters = ParameterVector(network.graph)
      for i in 0..<parameters.count {
        parameters.values.pointer[i] = Float.random(in: -0.5...0.5, using: &random)
      }
      parameters.invalidate()
      let all = network.graph.parameters.indices.map { index in
        let parameter = parameters.parameter(named: network.graph.parameters[index].name)!
        return (0..<network.graph.parameters[index].count).map {
          Double(parameters.values(of: parameter)[$0])
        }
      }
      let reference = ReferenceExecutor(
        plan,
        inputs: [
          Naive.Map(
            height: height, width: width, channels: channels,
            values: image.elements.map(Double.init))
        ], parameters: all, rows: rows)
      let upstream = network.taps.map { random.tensor([plan.shapes[$0.index].count]).elements }
      let expected = reference.gradients(
        Dictionary(uniqueKeysWithValues: zip(network.taps, upstream.map { $0.map(Double.init) })))
      let values = reference.values

      let executor = CPUExecutor(
        plan, parameters: parameters, workspace: Workspace(kernels: kernels, threads: 2))
      executor.rows = rows
      let buffers = upstream.map { FloatBuffer($0) }
      let input = FloatBuffer(image.elements)
      let inputGradient = FloatBuffer(count: image.elements.count)
      let hasInputs = gradients.contains(.inputs)
      // The second run starts with the memory as the first left it.
      for _ in 0..<2 {
        parameters.clearGradients()
        executor.forward(input.pointer)
        for tap in network.taps {
          let map = UnsafeBufferPointer(
            start: executor.map(tap), count: plan.shapes[tap.index].count)
          #expect(
            relativeError(Array(map), values[tap]!.values.map(Float.init)) < 1e-5,
            sourceLocation: sourceLocation)
        }
        executor.backward(
          Dictionary(
            uniqueKeysWithValues: zip(
              network.taps, buffers.map { LocalGradient(upstream: [UnsafePointer($0.pointer)]) })),
          of: input.pointer, into: hasInputs ? [inputGradient.pointer] : [])
      }
      withExtendedLifetime((buffers, input)) {}
      if hasInputs {
        #expect(
          relativeError(inputGradient.elements, expected.inputs[0].map(Float.init)) < 1e-4,
          "input with \(kernels.name)", sourceLocation: sourceLocation)
      }
      guard gradients.contains(.parameters) else { continue }
      for (index, description) in network.graph.parameters.enumerated() {
        let parameter = parameters.parameter(named: description.name)!
        let actual = (0..<description.count).map { parameters.gradient(of: parameter)[$0] }
        let largest = max(1, expected.parameters[index].map(abs).max()!)
        let error = zip(actual, expected.parameters[index]).map { abs(Double($0) - $1) }.max()!
        #expect(
          error < 1e-4 * largest, "\(description.name) with \(kernels.name)",
          sourceLocation: sourceLocation)
      }
    }
  }

  @Test(
    arguments: [Plan.Gradients.inputs, .parameters, [.inputs, .parameters]])
  func aResidualBlock(gradients: Plan.Gradients) throws {
    var network = Network(channels: 8)
    let first = network.convolution(network.input, 8, 8, .reflect)
    var value = network.graph.add(ReLU(), network.norm(first, 8))
    value = network.norm(network.convolution(value, 8, 8, .reflect), 8)
    value = network.graph.add(Add(), value, network.input)
    network.taps = [network.graph.add(Tanh(), value)]
    try expectReference(network, gradients: gradients)
  }

  /// Tests a ReLU with three readers, two of which are packed convolutions.
  @Test(arguments: [Padding.zero, .replicate, .reflect])
  func aValueThatSeveralStepsRead(padding: Padding) throws {
    var network = Network(channels: 4)
    let value = network.graph.add(
      ReLU(), network.convolution(network.input, 4, 16, padding))
    let left = network.convolution(value, 16, 16, padding)
    let right = network.convolution(value, 16, 16, padding)
    let sum = network.graph.add(Add(), left, network.graph.add(Add(), right, value))
    network.taps = [sum, value]
    try expectReference(network)
  }

  @Test func aValueThatIsReadTwiceByOneStep() throws {
    var network = Network(channels: 3)
    let value = network.convolution(network.input, 3, 16)
    network.taps = [network.graph.add(Multiply(), value, value)]
    try expectReference(network)
  }

  @Test(arguments: Pooling.allCases, [false, true])
  func convolutionsWithPooling(pooling: Pooling, roundingUp: Bool) throws {
    var network = Network()
    var value = network.graph.add(
      Affine(scale: [2, 3, 4], offset: [0.1, 0.2, 0.3]), network.input)
    for (inputs, outputs) in [(3, 16), (16, 16)] {
      value = network.graph.add(ReLU(), network.convolution(value, inputs, outputs))
    }
    value = network.graph.add(WindowPooling(pooling: pooling, roundingUp: roundingUp), value)
    value = network.graph.add(ReLU(), network.convolution(value, 16, 16))
    network.taps = [value]
    for gradients in [Plan.Gradients.inputs, [.inputs, .parameters]] {
      try expectReference(network, height: 7, width: 9, gradients: gradients)
    }
  }

  /// Tests a strided convolution, a depthwise one, and the row method with three outputs.
  @Test func downAndUpAgain() throws {
    var network = Network()
    var value = network.convolution(network.input, 3, 4, size: 5, .reflect)
    value = network.convolution(value, 4, 8, stride: 2, .reflect)
    value = network.graph.add(ReLU(), network.norm(value, 8))
    value = network.convolution(value, 8, 8, .replicate, groups: 8)
    value = network.graph.add(Upsampling(), value)
    value = network.convolution(value, 8, 3, size: 5, .reflect)
    network.taps = [value]
    try expectReference(network, height: 7, width: 8)
  }

  @Test(arguments: [RowSelection.row(2), .blend([0.5, 0.25, 0.25])])
  func conditionalNorms(rows: RowSelection) throws {
    var network = Network()
    let value = network.convolution(network.input, 3, 4)
    network.taps = [network.graph.add(ReLU(), network.norm(value, 4, rows: 3))]
    try expectReference(network, rows: rows)
  }

  @Test(arguments: [(1, 1), (1, 6), (5, 1)])
  func onePixelEdges(size: (Int, Int)) throws {
    var network = Network()
    let value = network.convolution(network.input, 3, 16, .replicate)
    network.taps = [network.graph.add(ReLU(), network.convolution(value, 16, 16))]
    try expectReference(network, height: size.0, width: size.1)
  }

  /// Checks that changed weights are packed again.
  @Test func changedParametersCount() throws {
    var network = Network(channels: 8)
    network.taps = [network.convolution(network.input, 8, 8)]
    let plan = try Plan(
      network.graph, inputs: [network.input: MapShape(height: 4, width: 4, channels: 8)],
      features: Set(network.taps), kernels: Kernels.available[0])
    let parameters = ParameterVector(network.graph)
    let executor = CPUExecutor(
      plan, parameters: parameters, workspace: Workspace(kernels: Kernels.available[0]))
    let input = FloatBuffer([Float](repeating: 1, count: 128))
    executor.forward(input.pointer)
    #expect(executor.map(network.taps[0])[0] == 0)
    parameters.values(of: parameters.parameter(named: network.graph.parameters[1].name)!)[0] = 3
    parameters.invalidate()
    executor.forward(input.pointer)
    #expect(executor.map(network.taps[0])[0] == 3)
    withExtendedLifetime(input) {}
  }
}
