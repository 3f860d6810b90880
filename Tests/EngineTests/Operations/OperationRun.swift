import Engine
import TestSupport
import Testing

/// What one operation makes of its inputs, in all directions.
struct OperationRun: Equatable {
  private(set) var output: [Float] = []
  private(set) var outputShape: MapShape
  private(set) var inputGradients: [[Float]] = []
  private(set) var parameterGradients: [[Float]] = []

  /// Gradients begin with this where they are added.
  private static let before: Float = 0.25

  /// Runs an operation.
  ///
  /// - Parameters:
  ///   - parameters: the shape and values of each.
  ///   - upstream: the gradient with respect to the output; nil for a forward pass only.
  ///   - adding: whether gradients are added to others, which are then subtracted again.
  ///   - make: makes the operation with these parameters.
  init(
    inputs: [Naive.Map], parameters: [[Double]] = [], upstream: [Float]? = nil,
    rows: RowSelection = .row(0), adding: Bool = false, kernels: Kernels = Kernels.available[0],
    threads: Int = 2, _ make: ([Parameter]) -> any Operation
  ) throws {
    let shapes = inputs.map {
      MapShape(height: $0.height, width: $0.width, channels: $0.channels)
    }
    var graph = Graph()
    let names = parameters.enumerated().map { index, values in
      graph.parameter("p\(index)", shape: [values.count])
    }
    let operation = make(names)
    outputShape = try graphShape(of: operation, inputs: shapes, graph: graph)

    let workspace = Workspace(kernels: kernels, threads: threads)
    let maps = inputs.map { FloatBuffer($0.values.map(Float.init)) }
    let tensors = parameters.map { FloatBuffer($0.map(Float.init)) }
    let nothing = FloatBuffer([Float](repeating: .nan, count: 1 << 16))
    let result = FloatBuffer([Float](repeating: .nan, count: outputShape.count))
    let statistics = FloatBuffer(
      [Float](repeating: .nan, count: operation.statisticsCount(of: shapes)))
    defer { withExtendedLifetime((maps, tensors, nothing, statistics)) {} }
    #expect(operation.parameters == names)
    var memory = NodeMemory(
      inputs: maps.map { UnsafePointer($0.pointer) }, inputShapes: shapes,
      output: result.pointer, outputShape: outputShape, statistics: statistics.pointer,
      parameters: tensors.map { UnsafePointer($0.pointer) }, rows: rows)
    operation.forward(memory, workspace: workspace)
    output = result.elements
    guard let upstream else { return }

    let above = FloatBuffer(upstream)
    defer { withExtendedLifetime(above) {} }
    operation.prepareBackward(memory, upstream: above.pointer, workspace: workspace)
    let start: Float = adding ? Self.before : 0
    if !parameters.isEmpty {
      let gradients = parameters.map { FloatBuffer([Float](repeating: start, count: $0.count)) }
      operation.parameterGradient(
        memory, upstream: above.pointer, into: gradients.map(\.pointer), workspace: workspace)
      parameterGradients = gradients.map { $0.elements.map { $0 - start } }
    }
    // What the operation does not save is not there.
    if !operation.saved.contains(.inputs) {
      memory.inputs = maps.map { _ in UnsafePointer(nothing.pointer) }
    }
    if !operation.saved.contains(.output) { memory.output = nothing.pointer }
    for (index, input) in inputs.enumerated() {
      let gradient = FloatBuffer(
        [Float](repeating: adding ? start : .nan, count: input.values.count))
      operation.inputGradient(
        index, memory, upstream: above.pointer, into: gradient.pointer, adding: adding,
        workspace: workspace)
      inputGradients.append(gradient.elements.map { $0 - start })
    }
  }
}

/// The shape of an operation's output.
func graphShape(
  of operation: any Operation, inputs shapes: [MapShape], graph: Graph = Graph()
) throws -> MapShape {
  var graph = graph
  let values = shapes.map { graph.input(channels: $0.channels) }
  switch values.count {
  case 1: _ = graph.add(operation, values[0])
  case 2: _ = graph.add(operation, values[0], values[1])
  default: _ = graph.add(operation, values[0], values[1], values[2])
  }
  return try graph.shapes(inputs: Dictionary(uniqueKeysWithValues: zip(values, shapes))).last!
}

/// Compares an operation with its definition and with the definition's central differences, for
/// all kernels and two numbers of threads.
func expectDefinition(
  inputs: [Naive.Map], parameters: [[Double]] = [], rows: RowSelection = .row(0),
  sourceLocation: SourceLocation = #_sourceLocation, operation: ([Parameter]) -> any Operation,
  definition: (_ inputs: [Naive.Map], _ parameters: [[Double]]) -> Naive.Map
) throws {
  var random = SmallRandom(77)
  let expected = definition(inputs, parameters)
  let upstream = random.tensor([expected.values.count]).elements
  func loss(_ map: Naive.Map) -> Double {
    zip(map.values, upstream).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
  let inputGradients = inputs.indices.map { index in
    centralDifferences(at: inputs[index].values) { values in
      var moved = inputs
      moved[index].values = values
      return loss(definition(moved, parameters))
    }
  }
  let parameterGradients = parameters.indices.map { index in
    centralDifferences(at: parameters[index]) { values in
      var moved = parameters
      moved[index] = values
      return loss(definition(inputs, moved))
    }
  }
  for kernels in Kernels.available {
    for adding in [false, true] {
      let run = try OperationRun(
        inputs: inputs, parameters: parameters, upstream: upstream, rows: rows, adding: adding,
        kernels: kernels, threads: 1, operation)
      let more = try OperationRun(
        inputs: inputs, parameters: parameters, upstream: upstream, rows: rows, adding: adding,
        kernels: kernels, threads: 3, operation)
      #expect(run == more, "threads change bytes", sourceLocation: sourceLocation)
      let shape = MapShape(
        height: expected.height, width: expected.width, channels: expected.channels)
      #expect(run.outputShape == shape, sourceLocation: sourceLocation)
      expectClose(run.output, expected.values, 1e-5, "output", sourceLocation)
      for (index, gradient) in inputGradients.enumerated() {
        expectClose(run.inputGradients[index], gradient, 3e-5, "input \(index)", sourceLocation)
      }
      for (index, gradient) in parameterGradients.enumerated() {
        expectClose(
          run.parameterGradients[index], gradient, 3e-5, "parameter \(index)", sourceLocation)
      }
    }
  }
}

/// Expects differences of at most a part of the largest expected value, or of 1 if that is less.
func expectClose(
  _ actual: [Float], _ expected: [Double], _ tolerance: Double, _ what: String,
  _ sourceLocation: SourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(what): \(actual.count) values", sourceLocation: sourceLocation)
    return
  }
  let largest = expected.reduce(1) { max($0, abs($1)) }
  let error = zip(actual, expected).reduce(0) { error, pair in
    let difference = abs(Double(pair.0) - pair.1)
    return difference.isNaN ? .infinity : max(error, difference)
  }
  #expect(error <= tolerance * largest, "\(what)", sourceLocation: sourceLocation)
}

extension SmallRandom {
  /// A map of random values, or of values far from one another and from zero.
  mutating func map(_ height: Int, _ width: Int, _ channels: Int, distinct: Bool = false)
    -> Naive.Map
  {
    let count = height * width * channels
    let values =
      distinct
      ? (0..<count).shuffled(using: &self).map { Double($0 - count / 2) / 64 + 1.0 / 128 }
      : tensor([count]).elements.map(Double.init)
    return Naive.Map(height: height, width: width, channels: channels, values: values)
  }

  mutating func values(_ count: Int) -> [Double] { tensor([count]).elements.map(Double.init) }
}
