import Engine
import TestSupport
import Testing

@Suite struct PoolingOperationTests {
  private static let sizes = [(4, 6, 3), (5, 7, 2), (5, 4, 8), (2, 2, 1), (3, 3, 5)]
  private static let narrow = [(1, 5, 2), (4, 1, 3), (1, 1, 4)]

  private func combine(_ pooling: Pooling) -> ([Double]) -> Double {
    switch pooling {
    case .average: { Naive.mean($0) }
    case .max: { Naive.largest($0) }
    }
  }

  @Test(arguments: Pooling.allCases, [false, true])
  func windowsArePooled(pooling: Pooling, roundingUp: Bool) throws {
    var random = SmallRandom(1)
    for size in Self.sizes + (roundingUp ? Self.narrow : []) {
      try expectDefinition(
        inputs: [random.map(size.0, size.1, size.2, distinct: true)],
        operation: { _ in WindowPooling(pooling: pooling, roundingUp: roundingUp) },
        definition: { inputs, _ in
          Naive.windowPooling(inputs[0], roundingUp: roundingUp, combine(pooling))
        })
    }
  }

  @Test(arguments: Pooling.allCases)
  func wholeMapsArePooled(pooling: Pooling) throws {
    var random = SmallRandom(2)
    for size in Self.sizes + Self.narrow + [(3, 4, 20)] {
      try expectDefinition(
        inputs: [random.map(size.0, size.1, size.2, distinct: true)],
        operation: { _ in GlobalPooling(pooling: pooling) },
        definition: { inputs, _ in Naive.globalPooling(inputs[0], combine(pooling)) })
    }
  }

  /// Sums of a large map have several parts.
  @Test func meansOfLargeMapsAreExact() throws {
    var random = SmallRandom(3)
    let map = random.map(67, 41, 3)
    let runs = try [1, 4].map {
      try OperationRun(inputs: [map], threads: $0, { _ in GlobalPooling(pooling: .average) })
    }
    #expect(runs[0] == runs[1])
    let expected = Naive.globalPooling(map, Naive.mean)
    expectClose(runs[0].output, expected.values, 1e-7, "mean", #_sourceLocation)
  }

  @Test func badShapesAreErrors() {
    let thin = MapShape(height: 1, width: 4, channels: 5)
    let plain = WindowPooling(pooling: .max)
    #expect(throws: GraphError.self) { try graphShape(of: plain, inputs: [thin]) }
    #expect(throws: GraphError.self) { try graphShape(of: plain, inputs: [thin, thin]) }
    let whole = GlobalPooling(pooling: .average)
    #expect(throws: GraphError.self) { try graphShape(of: whole, inputs: [thin, thin]) }
  }
}
