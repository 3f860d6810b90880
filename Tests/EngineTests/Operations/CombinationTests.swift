import Engine
import TestSupport
import Testing

/// Sums and products of maps.
@Suite struct CombinationTests {
  private static let sizes = [(3, 4, 5), (1, 6, 3), (5, 1, 4), (1, 1, 3)]

  @Test(arguments: sizes)
  func sumsAndProductsOfMaps(size: (Int, Int, Int)) throws {
    var random = SmallRandom(1)
    let maps = [
      random.map(size.0, size.1, size.2), random.map(size.0, size.1, size.2),
    ]
    try expectDefinition(
      inputs: maps, operation: { _ in Add() },
      definition: { inputs, _ in
        Naive.combined(inputs[0], inputs[1], +)
      })
    try expectDefinition(
      inputs: maps, operation: { _ in Multiply() },
      definition: { inputs, _ in
        Naive.combined(inputs[0], inputs[1], *)
      })
  }

  @Test(arguments: sizes)
  func productsWithAFactorForEachChannel(size: (Int, Int, Int)) throws {
    var random = SmallRandom(2)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, size.2), random.map(1, 1, size.2)],
      operation: { _ in Multiply() },
      definition: { inputs, _ in Naive.combined(inputs[0], inputs[1], *) })
  }

  @Test func badShapesAreErrors() {
    let map = MapShape(height: 3, width: 4, channels: 5)
    let others = [
      MapShape(height: 4, width: 3, channels: 5), MapShape(height: 3, width: 4, channels: 1),
      MapShape(height: 1, width: 1, channels: 4),
    ]
    for operation in [Add(), Multiply()] as [any Operation] {
      #expect(throws: GraphError.self) { try graphShape(of: operation, inputs: [map]) }
      for other in others {
        #expect(throws: GraphError.self) { try graphShape(of: operation, inputs: [map, other]) }
      }
    }
    let vector = MapShape(height: 1, width: 1, channels: 5)
    #expect(throws: GraphError.self) { try graphShape(of: Add(), inputs: [map, vector]) }
    #expect(throws: GraphError.self) { try graphShape(of: Multiply(), inputs: [vector, map]) }
  }
}
