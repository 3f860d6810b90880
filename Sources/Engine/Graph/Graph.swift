/// A network as a list of nodes, each of which computes one value from earlier ones.
///
/// A graph has no memory and no weights. `Plan` decides how to compute it for pictures of one size,
/// and an executor runs the plan.
package struct Graph: Sendable {
  /// The output of a node, `[height, width, channels]` for one picture.
  package struct Value: Hashable, Sendable {
    package let index: Int
  }

  /// An operation and the values that it reads.
  package struct Node: Sendable {
    package let operation: any Operation
    package let inputs: [Value]
    /// A name for display, such as `conv1_1`.
    package let name: String
  }

  /// The nodes in topological order. A node's value has the node's index.
  package private(set) var nodes: [Node] = []
  /// The parameters that operations read, in the order in which they were added.
  package private(set) var parameters: [ParameterDescription] = []

  package init() {}

  /// Adds an input.
  package mutating func input(channels: Int, name: String = "input") -> Value {
    add(Input(channels: channels), name: name)
  }

  /// Adds a node that reads `inputs`.
  package mutating func add(_ operation: some Operation, _ inputs: Value..., name: String = "")
    -> Value
  {
    precondition(inputs.allSatisfy { $0.index < nodes.count })
    nodes.append(Node(operation: operation, inputs: inputs, name: name))
    return Value(index: nodes.count - 1)
  }

  /// Adds a parameter tensor.
  package mutating func parameter(_ name: String, shape: [Int]) -> Parameter {
    parameters.append(ParameterDescription(name: name, shape: shape))
    return Parameter(index: parameters.count - 1)
  }

  /// The values of all inputs, in the order in which they were added.
  package var inputs: [Value] {
    nodes.indices.filter { nodes[$0].operation is Input }.map(Value.init)
  }

  /// The values of all nodes, in order.
  package var values: [Value] { nodes.indices.map(Value.init) }

  package subscript(_ value: Value) -> Node { nodes[value.index] }

  /// The given values and all values that they depend on, in order.
  package func dependencies(of values: Set<Value>) -> [Value] {
    var needed = values
    for index in nodes.indices.reversed() where needed.contains(Value(index: index)) {
      needed.formUnion(nodes[index].inputs)
    }
    return needed.sorted { $0.index < $1.index }
  }

  /// The shapes of the given values and of all values that they depend on.
  ///
  /// - Parameters:
  ///   - shapes: the shape of each input.
  ///   - values: the values to compute; nil for all.
  /// - Throws: `GraphError` if an operation does not fit its inputs.
  package func shapes(inputs shapes: [Value: MapShape], for values: Set<Value>? = nil) throws
    -> [MapShape]
  {
    let needed = values.map { Set(dependencies(of: $0)) }
    var result: [MapShape] = []
    for (index, node) in nodes.enumerated() {
      if let needed, !needed.contains(Value(index: index)) {
        result.append(MapShape(height: 0, width: 0, channels: 0))
      } else if let input = node.operation as? Input {
        guard let shape = shapes[Value(index: index)], shape.channels == input.channels else {
          throw GraphError(node: node, "needs a map of \(input.channels) channels")
        }
        result.append(shape)
      } else {
        result.append(
          try node.operation.outputShape(of: node.inputs.map { result[$0.index] }, node: node))
      }
    }
    return result
  }
}

/// A tensor of weights that a graph's operations read.
package struct Parameter: Hashable, Sendable {
  package let index: Int
}

/// The name and shape of a parameter.
package struct ParameterDescription: Sendable, Hashable {
  package let name: String
  package let shape: [Int]

  /// The number of elements.
  package var count: Int { shape.reduce(1, *) }
}

/// An error for an operation that does not fit its inputs.
package struct GraphError: Error, CustomStringConvertible {
  package let description: String

  package init(node: Graph.Node, _ problem: String) {
    let kind = String(describing: type(of: node.operation))
    description = "\(node.name.isEmpty ? kind : node.name) \(problem)."
  }
}
