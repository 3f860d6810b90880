import Engine
import TestSupport
import Testing

@Suite struct InstanceNormTests {
  private static let sizes = [(5, 4), (1, 7), (6, 1), (3, 3)]
  private let epsilon: Float = 1e-3

  @Test(arguments: sizes)
  func withoutParameters(size: (Int, Int)) throws {
    var random = SmallRandom(1)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, 3)],
      operation: { _ in InstanceNorm(channels: 3, epsilon: epsilon, scaling: .none) },
      definition: { inputs, _ in
        Naive.instanceNorm(
          inputs[0], epsilon: Double(epsilon), scale: [1, 1, 1], shift: [0, 0, 0])
      })
  }

  /// The variance is zero: the output is the shift.
  @Test func onePositionBecomesTheShift() throws {
    var random = SmallRandom(2)
    let map = random.map(1, 1, 4)
    let run = try OperationRun(
      inputs: [map], parameters: [[1, 2, 3, 4], [5, 6, 7, 8]], upstream: [1, 2, 3, 4],
      { InstanceNorm(channels: 4, scaling: .parameters(scale: $0[0], shift: $0[1])) })
    #expect(run.output == [5, 6, 7, 8])
    #expect(run.inputGradients[0] == [0, 0, 0, 0])
    #expect(run.parameterGradients == [[0, 0, 0, 0], [1, 2, 3, 4]])
  }

  @Test(
    arguments: sizes,
    [(1, RowSelection.row(3)), (3, .row(2)), (3, .blend([0.5, 0, -0.25])), (1, .blend([0, 1]))])
  func withParameters(size: (Int, Int), selection: (rows: Int, selection: RowSelection)) throws {
    var random = SmallRandom(3)
    let (rows, channels) = (selection.rows, 4)
    let weights: [Double] =
      switch selection.selection {
      case _ where rows == 1: [1]
      case .row(let row): (0..<rows).map { $0 == row ? 1 : 0 }
      case .blend(let weights): weights.map(Double.init)
      }
    func blend(_ values: [Double]) -> [Double] {
      (0..<channels).map { channel in
        (0..<rows).reduce(0) { $0 + weights[$1] * values[$1 * channels + channel] }
      }
    }
    try expectDefinition(
      inputs: [random.map(size.0, size.1, channels)],
      parameters: [random.values(rows * channels), random.values(rows * channels)],
      rows: selection.selection,
      operation: {
        InstanceNorm(
          channels: channels, epsilon: epsilon,
          scaling: .parameters(scale: $0[0], shift: $0[1], rows: rows))
      },
      definition: { inputs, parameters in
        Naive.instanceNorm(
          inputs[0], epsilon: Double(epsilon), scale: blend(parameters[0]),
          shift: blend(parameters[1]))
      })
  }

  @Test(arguments: sizes)
  func withScaleAndShiftAsInputs(size: (Int, Int)) throws {
    var random = SmallRandom(4)
    try expectDefinition(
      inputs: [random.map(size.0, size.1, 5), random.map(1, 1, 5), random.map(1, 1, 5)],
      operation: { _ in InstanceNorm(channels: 5, epsilon: epsilon, scaling: .inputs) },
      definition: { inputs, _ in
        Naive.instanceNorm(
          inputs[0], epsilon: Double(epsilon), scale: inputs[1].values, shift: inputs[2].values)
      })
  }

  /// A mean far from zero takes nothing from the precision, and many parts are summed.
  @Test func largeMapsAreExact() throws {
    var random = SmallRandom(5)
    var map = random.map(53, 71, 5)
    // What a float holds exactly.
    map.values = map.values.map { 1000 + ($0 * 64).rounded() / 64 }
    let upstream = random.tensor([map.values.count]).elements
    let runs = try [1, 2, 5].map {
      try OperationRun(
        inputs: [map], upstream: upstream, threads: $0,
        { _ in InstanceNorm(channels: 5, epsilon: epsilon, scaling: .none) })
    }
    #expect(runs[0] == runs[1] && runs[0] == runs[2])
    let ones = [Double](repeating: 1, count: 5)
    let expected = Naive.instanceNorm(
      map, epsilon: Double(epsilon), scale: ones, shift: ones.map { $0 - 1 })
    // The mean is kept in single precision.
    expectClose(runs[0].output, expected.values, 1e-4, "output", #_sourceLocation)
  }

  @Test func badShapesAreErrors() {
    let map = MapShape(height: 3, width: 4, channels: 5)
    let vector = MapShape(height: 1, width: 1, channels: 5)
    let plain = InstanceNorm(channels: 5, scaling: .none)
    #expect(throws: GraphError.self) {
      try graphShape(of: plain, inputs: [MapShape(height: 3, width: 4, channels: 4)])
    }
    #expect(throws: GraphError.self) { try graphShape(of: plain, inputs: [map, map]) }
    let fed = InstanceNorm(channels: 5, scaling: .inputs)
    #expect(throws: GraphError.self) { try graphShape(of: fed, inputs: [map]) }
    #expect(throws: GraphError.self) { try graphShape(of: fed, inputs: [map, vector, map]) }
  }
}
