/// The steps that compute a graph for inputs of one size, in order. Each step computes one node or
/// several fused nodes.
///
/// A plan has no memory and does not depend on the values of weights, so any executor can run it.
package struct Plan: Sendable {
  package let graph: Graph
  /// The shape of each of the graph's values; empty for values that no step computes.
  package let shapes: [MapShape]
  /// The values that can be read after a forward pass.
  package let features: Set<Graph.Value>
  /// The values whose Gram matrices a forward pass computes.
  package let grams: Set<Graph.Value>
  /// The gradients that a backward pass computes.
  package let gradients: Gradients
  /// The parameters whose gradients are computed, if `gradients` has those of parameters.
  package let trained: Set<Parameter>
  package let steps: [Step]

  /// The kinds of gradients that a backward pass can compute.
  package struct Gradients: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The gradients with respect to the graph's inputs.
    package static let inputs = Gradients(rawValue: 1)
    /// The gradients with respect to the graph's parameters.
    package static let parameters = Gradients(rawValue: 2)
  }

  /// The unit of execution: one node, or several fused nodes.
  package struct Step: Sendable {
    package enum Kind: Sendable, Equatable {
      /// VGG's first block, computed tile by tile without storing full-size maps: preprocessing,
      /// two 3x3 convolutions with their ReLUs, and a pooling layer.
      case firstBlock
      /// A size-preserving convolution of stride 1, with the ReLU and pooling after it. With
      /// `keepsSigns`, the backward pass reads one bit per value instead of the map.
      case convolution(relu: Bool, pooling: Pooling?, keepsSigns: Bool)
      /// A pooling layer after a ReLU. Its backward pass includes that of the ReLU, and replaces
      /// the ReLU's output by the gradient.
      case poolingOfReLU
      /// An instance norm, perhaps with the ReLU or the sum after it.
      case norm(relu: Bool)
      /// A single node, computed by its operation's own functions.
      case operation
    }

    package let kind: Kind
    /// The nodes that the step computes, in order.
    package let nodes: [Graph.Value]
    /// The value of the last node.
    package var output: Graph.Value { nodes.last! }
    /// The convolution's value before its ReLU, if the caller reads it.
    package var preactivation: Graph.Value?

    package init(_ kind: Kind, nodes: [Graph.Value], preactivation: Graph.Value? = nil) {
      self.kind = kind
      self.nodes = nodes
      self.preactivation = preactivation
    }
  }

  /// Compiles the part of a graph that the requested values depend on.
  ///
  /// - Parameters:
  ///   - inputs: the shape of each input.
  ///   - features: the values that the caller reads, or whose losses have gradients.
  ///   - grams: the values whose Gram matrices are computed.
  ///   - gradients: the gradients that backward passes compute.
  ///   - trained: the parameters whose gradients are computed; nil for all.
  ///   - kernels: the kernels, which determine the nodes that can be fused.
  /// - Throws: `GraphError` if an operation does not fit its inputs.
  package init(
    _ graph: Graph, inputs: [Graph.Value: MapShape], features: Set<Graph.Value>,
    grams: Set<Graph.Value> = [], gradients: Gradients = [], trained: Set<Parameter>? = nil,
    kernels: Kernels
  ) throws {
    precondition(!features.isEmpty || !grams.isEmpty)
    self.graph = graph
    self.features = features
    self.grams = grams
    self.gradients = gradients
    self.trained = trained ?? Set(graph.parameters.indices.map(Parameter.init))
    shapes = try graph.shapes(inputs: inputs, for: features.union(grams))
    steps =
      Fusion(
        graph, features: features, grams: grams, gradients: gradients,
        kernels: kernels
      ).steps
  }

  /// The bytes of an executor's maps, gradients, signs and Gram matrices.
  package var bytes: Int {
    let signs = steps.compactMap(\.signedValue).reduce(0) { $0 + shapes[$1.index].count / 8 }
    let grams = grams.reduce(0) { $0 + shapes[$1.index].channels * shapes[$1.index].channels }
    return (PlanMemory.count(self) + grams) * MemoryLayout<Float>.stride + signs
  }

  /// The values that a step reads.
  package func inputs(of step: Step) -> [Graph.Value] {
    switch step.kind {
    case .operation: graph[step.output].inputs
    case .norm: graph[step.nodes[0]].inputs + [addend(of: step)].compactMap(\.self)
    default: [graph[step.nodes[0]].inputs[0]]
    }
  }

  /// The names of a step's nodes, or their kinds, for display.
  func name(of step: Step) -> String {
    step.nodes.map { value in
      let node = graph[value]
      return node.name.isEmpty ? "\(type(of: node.operation))" : node.name
    }.joined(separator: " ")
  }

  /// The operations of a step's convolutions by the direct method: two for each weight and position.
  func operations(of step: Step) -> Double {
    step.nodes.reduce(0) { sum, value in
      guard let convolution = graph[value].operation as? Convolution else { return sum }
      let count = convolution.weightShape.reduce(1, *) * shapes[value.index].positions
      return sum + 2 * Double(count)
    }
  }

  /// The value that a norm's step adds to the norm; nil for none.
  func addend(of step: Step) -> Graph.Value? {
    guard step.nodes.count == 2, graph[step.output].operation is Add else { return nil }
    return graph[step.output].inputs.first { $0 != step.nodes[0] }
  }

  /// Whether the backward pass of a step computes gradients of parameters.
  func hasParameterGradients(_ step: Step) -> Bool {
    gradients.contains(.parameters)
      && step.nodes.contains { graph[$0].operation.parameters.contains(where: trained.contains) }
  }
}
