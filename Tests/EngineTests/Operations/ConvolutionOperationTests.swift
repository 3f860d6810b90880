import Engine
import TestSupport
import Testing

@Suite struct ConvolutionOperationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var height = 5
    var width = 7
    var inputs = 3
    var outputs = 4
    var size = 3
    var stride = 1
    var groups = 1
    var padding = EdgePadding.same(size: 3, mode: .zero)
    var hasBias = true

    var testDescription: String {
      "\(height)x\(width)x\(inputs) to \(outputs), size \(size), stride \(stride), \(padding)"
    }
  }

  private static let cases: [Case] =
    Padding.allCases.flatMap { mode in
      [1, 2].flatMap { stride in
        [
          Case(stride: stride, padding: .same(size: 3, mode: mode)),
          Case(
            height: 6, width: 5, inputs: 2, outputs: 3, size: 5, stride: stride,
            padding: EdgePadding(mode: mode, top: 2, left: 0, bottom: 1, right: 3), hasBias: false),
          Case(height: 1, width: 6, stride: stride, padding: .same(size: 3, mode: mode)),
          Case(height: 4, width: 1, stride: stride, padding: .same(size: 3, mode: mode)),
          Case(height: 1, width: 1, stride: stride, padding: .same(size: 3, mode: mode)),
          Case(
            inputs: 4, outputs: 4, stride: stride, groups: 4,
            padding: EdgePadding(mode: mode, top: 0, left: 1, bottom: 1, right: 0)),
          Case(
            height: 1, width: 2, inputs: 3, outputs: 3, stride: stride, groups: 3,
            padding: .same(size: 3, mode: mode), hasBias: false),
        ]
      }
    } + [
      Case(
        height: 9, width: 10, inputs: 1, outputs: 2, size: 9,
        padding: .same(size: 9, mode: .reflect)),
      Case(size: 1, padding: .same(size: 1, mode: .zero)),
      Case(size: 1, stride: 2, padding: .same(size: 1, mode: .zero)),
      Case(height: 3, width: 3, padding: EdgePadding(mode: .zero, all: 0)),
      Case(height: 3, width: 4, inputs: 17, outputs: 33, padding: .same(size: 3, mode: .reflect)),
    ]

  private static func operation(_ test: Case) -> ([Parameter]) -> Convolution {
    { parameters in
      Convolution(
        inputs: test.inputs, outputs: test.outputs, size: test.size, stride: test.stride,
        padding: test.padding, groups: test.groups, weights: parameters[0],
        bias: test.hasBias ? parameters[1] : nil)
    }
  }

  @Test(arguments: cases)
  func agreesWithTheDefinition(test: Case) throws {
    var random = SmallRandom(1)
    let weights = random.values(
      test.outputs * test.inputs / test.groups * test.size * test.size)
    let parameters = test.hasBias ? [weights, random.values(test.outputs)] : [weights]
    try expectDefinition(
      inputs: [random.map(test.height, test.width, test.inputs)], parameters: parameters,
      operation: Self.operation(test),
      definition: { inputs, parameters in
        Naive.convolution(
          inputs[0], weights: parameters[0], bias: test.hasBias ? parameters[1] : nil,
          outputs: test.outputs, size: test.size, stride: test.stride, padding: test.padding,
          groups: test.groups)
      })
  }

  /// The weight gradients of convolutions with many channels are the sums that define them.
  @Test(arguments: Padding.allCases, [(37, 45), (4, 4), (3, 2), (1, 9)])
  func weightGradientsOfManyChannels(padding: Padding, size: (height: Int, width: Int)) throws {
    var random = SmallRandom(4)
    let (inputs, outputs) = (64, 32)
    let test = Case(
      height: size.height, width: size.width, inputs: inputs, outputs: outputs,
      padding: .same(size: 3, mode: padding), hasBias: false)
    let map = random.map(test.height, test.width, inputs)
    let weights = random.values(outputs * inputs * 9)
    let upstream = random.tensor([test.height * test.width * outputs]).elements
    var expected = [Double](repeating: 0, count: weights.count)
    for y in 0..<test.height {
      for x in 0..<test.width {
        for tap in 0..<9 {
          guard let row = padding.source(y + tap / 3 - 1, length: test.height),
            let column = padding.source(x + tap % 3 - 1, length: test.width)
          else { continue }
          for output in 0..<outputs {
            let factor = Double(upstream[(y * test.width + x) * outputs + output])
            for input in 0..<inputs {
              expected[(output * inputs + input) * 9 + tap] +=
                factor * map.values[(row * test.width + column) * inputs + input]
            }
          }
        }
      }
    }
    for kernels in Kernels.available {
      let runs = try [1, 3].map { threads in
        try OperationRun(
          inputs: [map], parameters: [weights], upstream: upstream, adding: true, kernels: kernels,
          threads: threads, Self.operation(test))
      }
      #expect(runs[0] == runs[1], "threads change bytes")
      expectClose(runs[0].parameterGradients[0], expected, 1e-5, kernels.name, #_sourceLocation)
    }
  }

  /// Several blocks of patches and several parts of sums.
  @Test(arguments: [1, 2])
  func threadsDoNotChangeABitOfALargeMap(stride: Int) throws {
    var random = SmallRandom(2)
    let test = Case(
      height: 61, width: 83, inputs: 9, outputs: 20, stride: stride,
      padding: .same(size: 3, mode: .reflect))
    let map = random.map(test.height, test.width, test.inputs)
    let parameters = [random.values(20 * 9 * 9), random.values(20)]
    let positions = stride == 1 ? 61 * 83 : 31 * 42
    let upstream = random.tensor([20 * positions]).elements
    let runs = try [1, 2, 5].map {
      try OperationRun(
        inputs: [map], parameters: parameters, upstream: upstream, threads: $0,
        Self.operation(test))
    }
    #expect(runs[0] == runs[1] && runs[0] == runs[2])
    // The bias's gradient and the sum of the weights' are sums over thousands of positions.
    let shape = runs[0].outputShape
    let sums = (0..<20).map { channel in
      (0..<shape.positions).reduce(0) { $0 + Double(upstream[$1 * 20 + channel]) }
    }
    expectClose(runs[0].parameterGradients[1], sums, 1e-6, "bias", #_sourceLocation)
    let expected = Naive.convolution(
      map, weights: parameters[0], bias: parameters[1], outputs: 20, size: 3, stride: stride,
      padding: test.padding, groups: 1)
    expectClose(runs[0].output, expected.values, 1e-5, "output", #_sourceLocation)
    // <dL/dW, W> and <dL/dx, x> are both <dL/dy, y - bias>.
    var plain = 0.0
    for (index, value) in expected.values.enumerated() {
      plain += (value - parameters[1][index % 20]) * Double(upstream[index])
    }
    func product(_ a: [Float], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
    #expect(abs(product(runs[0].parameterGradients[0], parameters[0]) - plain) < 1e-2)
    #expect(abs(product(runs[0].inputGradients[0], map.values) - plain) < 1e-2)
  }

  @Test func sameConvolutionsAreRecognized() throws {
    func isSame(_ test: Case) throws -> Bool {
      var graph = Graph()
      let parameters = [graph.parameter("w", shape: []), graph.parameter("b", shape: [])]
      return Self.operation(test)(parameters).isSame
    }
    #expect(try isSame(Case()))
    #expect(try isSame(Case(size: 9, padding: .same(size: 9, mode: .reflect))))
    #expect(try !isSame(Case(stride: 2)))
    #expect(try !isSame(Case(inputs: 4, groups: 4)))
    #expect(try !isSame(Case(size: 5)))
    #expect(
      try !isSame(Case(padding: EdgePadding(mode: .zero, top: 0, left: 1, bottom: 2, right: 1))))
  }

  @Test func badShapesAreErrors() {
    var graph = Graph()
    let weights = graph.parameter("w", shape: [4, 3, 3, 3])
    let valid = Convolution(
      inputs: 3, outputs: 4, size: 3, padding: EdgePadding(mode: .zero, all: 0), weights: weights)
    for shape in [
      MapShape(height: 5, width: 5, channels: 4), MapShape(height: 2, width: 5, channels: 3),
      MapShape(height: 5, width: 2, channels: 3), MapShape(height: 0, width: 5, channels: 3),
    ] {
      #expect(throws: GraphError.self) { try graphShape(of: valid, inputs: [shape]) }
    }
    let good = MapShape(height: 3, width: 3, channels: 3)
    #expect(throws: GraphError.self) { try graphShape(of: valid, inputs: [good, good]) }
    let transposed = TransposedConvolution(
      inputs: 3, outputs: 4, size: 3, alignment: .pyTorch, weights: weights)
    #expect(throws: GraphError.self) {
      try graphShape(of: transposed, inputs: [MapShape(height: 3, width: 3, channels: 4)])
    }
  }

  @Test(arguments: [3, 5, 9], [TransposedConvolution.Alignment.pyTorch, .tensorFlow])
  func transposedAgreesWithTheDefinition(
    size: Int, alignment: TransposedConvolution.Alignment
  ) throws {
    var random = SmallRandom(3)
    for (height, width) in [(3, 4), (1, 3), (2, 1), (1, 1)] {
      for hasBias in [true, false] {
        let weights = random.values(3 * 2 * size * size)
        try expectDefinition(
          inputs: [random.map(height, width, 3)],
          parameters: hasBias ? [weights, random.values(2)] : [weights],
          operation: {
            TransposedConvolution(
              inputs: 3, outputs: 2, size: size, alignment: alignment, weights: $0[0],
              bias: hasBias ? $0[1] : nil)
          },
          definition: { inputs, parameters in
            Naive.transposedConvolution(
              inputs[0], weights: parameters[0], bias: hasBias ? parameters[1] : nil, outputs: 2,
              size: size, before: alignment == .pyTorch ? size / 2 : size / 2 - 1)
          })
      }
    }
  }
}
