import Engine
import Foundation

/// A reference executor that runs a plan in double precision, one node at a time.
///
/// Its gradients chain the central differences of each node, so that they share no code with the
/// derivatives under test. They are only feasible for small maps.
package struct ReferenceExecutor {
  private let plan: Plan
  private let parameters: [[Double]]
  private let rows: RowSelection
  private let inputs: [Naive.Map]

  package init(
    _ plan: Plan, inputs: [Naive.Map], parameters: [[Double]], rows: RowSelection = .row(0)
  ) {
    self.plan = plan
    self.inputs = inputs
    self.parameters = parameters
    self.rows = rows
  }

  /// All values that the plan's steps compute.
  package var values: [Graph.Value: Naive.Map] {
    var values = Dictionary(uniqueKeysWithValues: zip(plan.graph.inputs, inputs))
    for node in plan.steps.flatMap(\.nodes) {
      values[node] = output(
        of: node, plan.graph[node].inputs.map { values[$0]! }, parameters)
    }
    return values
  }

  /// The gradients of the sum of products of values and upstream gradients.
  package func gradients(_ upstream: [Graph.Value: [Double]]) -> (
    inputs: [[Double]], parameters: [[Double]]
  ) {
    let values = values
    var gradients = upstream
    var parameterGradients = parameters.map { $0.map { _ in 0.0 } }
    func add(_ more: [Double], to sum: inout [Double]?) {
      sum = sum.map { zip($0, more).map(+) } ?? more
    }
    for node in plan.steps.flatMap(\.nodes).reversed() {
      guard let above = gradients[node] else { continue }
      func loss(_ map: Naive.Map) -> Double {
        zip(map.values, above).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let sources = plan.graph[node].inputs
      for (index, source) in sources.enumerated() {
        let gradient = centralDifferences(at: values[source]!.values) { moved in
          var maps = sources.map { values[$0]! }
          maps[index].values = moved
          return loss(output(of: node, maps, parameters))
        }
        add(gradient, to: &gradients[source])
      }
      for parameter in plan.graph[node].operation.parameters {
        let gradient = centralDifferences(at: parameters[parameter.index]) { moved in
          var all = parameters
          all[parameter.index] = moved
          return loss(output(of: node, sources.map { values[$0]! }, all))
        }
        parameterGradients[parameter.index] = zip(parameterGradients[parameter.index], gradient)
          .map(+)
      }
    }
    return (plan.graph.inputs.map { gradients[$0] ?? [] }, parameterGradients)
  }

  private func output(of node: Graph.Value, _ maps: [Naive.Map], _ parameters: [[Double]])
    -> Naive.Map
  {
    let operation = plan.graph[node].operation
    let map = maps[0]
    func values(_ parameter: Parameter) -> [Double] { parameters[parameter.index] }
    switch operation {
    case let operation as Convolution:
      return Naive.convolution(
        map, weights: values(operation.weights), bias: operation.bias.map(values),
        outputs: operation.outputs, size: operation.size, stride: operation.stride,
        padding: operation.padding, groups: operation.groups)
    case let operation as Affine:
      return Naive.each(map) {
        Double(operation.scale[$1]) * $0 - Double(operation.offset[$1])
      }
    case let operation as InstanceNorm:
      let (scale, shift) = affine(operation, maps, parameters)
      return Naive.instanceNorm(
        map, epsilon: Double(operation.epsilon), scale: scale, shift: shift)
    case is ReLU: return Naive.relu(map)
    case is Tanh: return Naive.each(map) { value, _ in tanh(value) }
    case let operation as WindowPooling:
      return Naive.windowPooling(
        map, roundingUp: operation.roundingUp,
        operation.pooling == .max ? Naive.largest : Naive.mean)
    case is Upsampling: return Naive.upsampling(map)
    case is Add: return Naive.combined(map, maps[1], +)
    case is Multiply: return Naive.combined(map, maps[1], *)
    case let operation as Slice: return Naive.slice(map, operation.channels)
    default: preconditionFailure("The reference executor does not know \(type(of: operation)).")
    }
  }

  private func affine(
    _ operation: InstanceNorm, _ maps: [Naive.Map], _ parameters: [[Double]]
  ) -> ([Double], [Double]) {
    let channels = operation.channels
    switch operation.scaling {
    case .none: return (Array(repeating: 1, count: channels), Array(repeating: 0, count: channels))
    case .inputs: return (maps[1].values, maps[2].values)
    case .parameters(let scale, let shift, let count):
      let weights: [Double] =
        switch rows {
        case _ where count == 1: [1]
        case .row(let row): (0..<count).map { $0 == row ? 1 : 0 }
        case .blend(let weights): weights.map(Double.init)
        }
      func blend(_ parameter: Parameter) -> [Double] {
        (0..<channels).map { channel in
          (0..<count).reduce(0) {
            $0 + weights[$1] * parameters[parameter.index][$1 * channels + channel]
          }
        }
      }
      return (blend(scale), blend(shift))
    }
  }
}
