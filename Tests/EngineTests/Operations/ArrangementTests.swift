import Engine
import TestSupport
import Testing

/// Upsampling, slices and reshaping.
@Suite struct ArrangementTests {
  private static let sizes = [(3, 4, 5), (1, 6, 3), (5, 1, 4), (1, 1, 3)]

  @Test(arguments: sizes)
  func upsamplingRepeatsValues(size: (Int, Int, Int)) throws {
    var random = SmallRandom(1)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2)], operation: { _ in Upsampling() },
      definition: { inputs, _ in Naive.upsampling(inputs[0]) })
  }

  @Test(arguments: sizes)
  func slicesAreRangesOfChannels(size: (Int, Int, Int)) throws {
    var random = SmallRandom(2)
    for range in [0..<1, 1..<3, 0..<size.2] {
      try expectDefinition(
        inputs: [random.map(size.0, size.1, size.2)], operation: { _ in Slice(channels: range) },
        definition: { inputs, _ in Naive.slice(inputs[0], range) })
    }
  }

  @Test func reshapingKeepsTheElements() throws {
    var random = SmallRandom(3)
    try expectDefinition(
      inputs: [random.map(3, 4, 5)],
      operation: { _ in Reshape(to: MapShape(height: 1, width: 6, channels: 10)) },
      definition: { inputs, _ in
        Naive.Map(height: 1, width: 6, channels: 10, values: inputs[0].values)
      })
  }

  @Test func badShapesAreErrors() {
    let map = MapShape(height: 3, width: 4, channels: 5)
    #expect(throws: GraphError.self) { try graphShape(of: Upsampling(), inputs: [map, map]) }
    #expect(throws: GraphError.self) { try graphShape(of: Slice(channels: 3..<6), inputs: [map]) }
    #expect(throws: GraphError.self) { try graphShape(of: Slice(channels: 3..<3), inputs: [map]) }
    #expect(throws: GraphError.self) {
      try graphShape(of: Reshape(to: MapShape(height: 1, width: 1, channels: 61)), inputs: [map])
    }
  }
}
