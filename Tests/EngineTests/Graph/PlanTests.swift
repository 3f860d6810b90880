import Engine
import TestSupport
import Testing

/// Tests the steps into which graphs are compiled.
@Suite struct PlanTests {
  private var graph = Graph()
  private let input: Graph.Value
  /// A graph of preprocessing and two blocks, each with two convolutions of 64 channels and a
  /// pooling layer.
  private let values: [String: Graph.Value]

  init() {
    var graph = Graph()
    var values: [String: Graph.Value] = [:]
    input = graph.input(channels: 3)
    var value = graph.add(Affine(scale: [1, 1, 1], offset: [0, 0, 0]), input)
    for (name, inputs) in [("1_1", 3), ("1_2", 64), ("pool1", 0), ("2_1", 64), ("2_2", 64)] {
      if inputs == 0 {
        value = graph.add(WindowPooling(pooling: .average), value)
        values[name] = value
        continue
      }
      value = graph.add(
        Convolution(
          inputs: inputs, outputs: 64, size: 3, padding: .same(size: 3, mode: .zero),
          weights: graph.parameter("\(name).weight", shape: [64, inputs, 3, 3])),
        value)
      values["conv\(name)"] = value
      value = graph.add(ReLU(), value)
      values["relu\(name)"] = value
    }
    values["pool2"] = graph.add(WindowPooling(pooling: .max), value)
    self.graph = graph
    self.values = values
  }

  private func kinds(
    features: [String], grams: [String] = [], gradients: Plan.Gradients = .inputs
  ) throws -> [Plan.Step.Kind] {
    try Plan(
      graph, inputs: [input: MapShape(height: 16, width: 16, channels: 3)],
      features: Set(features.map { values[$0]! }), grams: Set(grams.map { values[$0]! }),
      gradients: gradients, kernels: Kernels.available[0]
    ).steps.map(\.kind)
  }

  @Test func theFirstBlockIsOneStepWithOrWithoutAGramMatrix() throws {
    #expect(
      try kinds(features: ["pool2"], grams: ["relu1_1"]) == [
        .firstBlock, .convolution(relu: true, pooling: nil, keepsSigns: true),
        .convolution(relu: true, pooling: .max, keepsSigns: true),
      ])
  }

  @Test func nothingBeyondTheTapsIsComputed() throws {
    #expect(try kinds(features: ["pool1"]) == [.firstBlock])
    #expect(try kinds(features: ["relu1_1"]).count == 2)
  }

  @Test(arguments: ["relu1_1", "conv1_2", "relu1_2"])
  func featuresWithinTheFirstBlockKeepItsMaps(name: String) throws {
    #expect(try kinds(features: [name, "pool1"]).contains(.firstBlock) == false)
  }

  @Test func parametersKeepTheMapsThatTheirGradientsRead() throws {
    let kinds = try kinds(features: ["pool2"], gradients: [.inputs, .parameters])
    #expect(
      kinds == [
        .operation, .convolution(relu: true, pooling: nil, keepsSigns: false),
        .convolution(relu: true, pooling: nil, keepsSigns: false), .poolingOfReLU,
        .convolution(relu: true, pooling: nil, keepsSigns: false),
        .convolution(relu: true, pooling: nil, keepsSigns: false), .poolingOfReLU,
      ])
  }

  @Test func inputsThatDoNotFitAreErrors() {
    #expect(throws: GraphError.self) {
      try Plan(
        graph, inputs: [input: MapShape(height: 16, width: 16, channels: 4)],
        features: [values["pool2"]!], kernels: Kernels.available[0])
    }
  }
}
