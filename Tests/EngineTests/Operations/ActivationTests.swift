import Engine
import Foundation
import TestSupport
import Testing

@Suite struct ActivationTests {
  private static let sizes = [(5, 7, 3), (1, 4, 2), (3, 1, 8), (1, 1, 1)]

  @Test(arguments: sizes)
  func reluKeepsPositiveValues(size: (Int, Int, Int)) throws {
    var random = SmallRandom(1)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2, distinct: true)], operation: { _ in ReLU() },
      definition: { inputs, _ in Naive.relu(inputs[0]) })
  }

  @Test(arguments: sizes)
  func sigmoidIsTheLogisticFunction(size: (Int, Int, Int)) throws {
    var random = SmallRandom(2)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2)], operation: { _ in Sigmoid() },
      definition: { inputs, _ in Naive.each(inputs[0]) { value, _ in 1 / (1 + exp(-value)) } })
  }

  @Test(arguments: sizes)
  func tanhIsTheHyperbolicTangent(size: (Int, Int, Int)) throws {
    var random = SmallRandom(3)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2)], operation: { _ in Tanh() },
      definition: { inputs, _ in Naive.each(inputs[0]) { value, _ in tanh(value) } })
  }

  @Test(arguments: sizes)
  func clipKeepsARange(size: (Int, Int, Int)) throws {
    var random = SmallRandom(4)
    // No value of the map is at a bound, where the function has no derivative.
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2, distinct: true)],
      operation: { _ in Clip(-0.5...0.25) },
      definition: { inputs, _ in Naive.each(inputs[0]) { value, _ in min(max(value, -0.5), 0.25) } }
    )
  }

  @Test(arguments: sizes)
  func affineScalesAndSubtracts(size: (Int, Int, Int)) throws {
    var random = SmallRandom(5)
    let scale = random.tensor([size.2]).elements
    let offset = random.tensor([size.2]).elements
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2)],
      operation: { _ in Affine(scale: scale, offset: offset) },
      definition: { inputs, _ in
        Naive.each(inputs[0]) { Double(scale[$1]) * $0 - Double(offset[$1]) }
      })
  }

  @Test func extremeValuesStayFinite() throws {
    let map = Naive.Map(height: 1, width: 4, channels: 1, values: [-1000, -90, 90, 1000])
    let upstream: [Float] = [1, 1, 1, 1]
    let sigmoid = try OperationRun(inputs: [map], upstream: upstream, { _ in Sigmoid() })
    #expect(sigmoid.output[0] == 0 && sigmoid.output[3] == 1)
    #expect(sigmoid.inputGradients[0].allSatisfy { abs($0) < 1e-30 })
    let tanh = try OperationRun(inputs: [map], upstream: upstream, { _ in Tanh() })
    #expect(tanh.output == [-1, -1, 1, 1] && tanh.inputGradients[0] == [0, 0, 0, 0])
  }

  @Test func badShapesAreErrors() {
    let map = MapShape(height: 3, width: 4, channels: 5)
    for operation in [ReLU(), Sigmoid(), Tanh(), Clip(0...1)] as [any Engine.Operation] {
      #expect(throws: GraphError.self) { try graphShape(of: operation, inputs: [map, map]) }
    }
    #expect(throws: GraphError.self) {
      try graphShape(of: Affine(scale: [1, 2, 3], offset: [0, 0, 0]), inputs: [map])
    }
  }
}
