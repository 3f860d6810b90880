/// How a graph is computed for inputs of one size: the steps, in order, each of which computes
/// one or several nodes at once.
///
/// A plan has no memory and does not depend on the values of weights, so any executor can run it.
package struct Plan: Sendable {
  package let graph: Graph
  /// The shape of each of the graph's values. Values that no step computes have none.
  package let shapes: [MapShape]
  /// The values that can be read after a forward pass.
  package let features: Set<Graph.Value>
  /// The values whose Gram matrices a forward pass computes.
  package let grams: Set<Graph.Value>
  /// What backward passes compute.
  package let gradients: Gradients
  package let steps: [Step]

  /// Which gradients a backward pass computes.
  package struct Gradients: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Those with respect to the graph's inputs.
    package static let inputs = Gradients(rawValue: 1)
    /// Those with respect to its parameters.
    package static let parameters = Gradients(rawValue: 2)
  }

  /// What is computed at once.
  package struct Step: Sendable {
    package enum Kind: Sendable, Equatable {
      /// Preprocessing, two 3x3 convolutions with their ReLUs, and a pooling layer, tile by tile:
      /// VGG's first block, of which no full-size map is kept.
      case firstBlock
      /// A convolution of stride 1 that keeps the size, with the ReLU and pooling after it.
      /// Where `keepsSigns`, the backward pass reads one bit a value instead of the map.
      case convolution(relu: Bool, pooling: Pooling?, keepsSigns: Bool)
      /// A pooling layer whose gradient replaces its input, the output of a ReLU, which this
      /// step differentiates as well.
      case poolingOfReLU
      /// One node by its operation's own functions.
      case operation
    }

    package let kind: Kind
    /// The nodes that the step computes, in order.
    package let nodes: [Graph.Value]
    /// The value of the last node.
    package var output: Graph.Value { nodes.last! }
    /// A convolution's value before its ReLU, if it is read.
    package var preactivation: Graph.Value?

    package init(_ kind: Kind, nodes: [Graph.Value], preactivation: Graph.Value? = nil) {
      self.kind = kind
      self.nodes = nodes
      self.preactivation = preactivation
    }
  }

  /// Compiles a graph up to the values that are asked for.
  ///
  /// - Parameters:
  ///   - inputs: the shape of each input.
  ///   - features: the values to be read, or to be given a gradient.
  ///   - grams: the values whose Gram matrices are wanted.
  ///   - gradients: what backward passes will compute.
  ///   - kernels: decide which steps can be fused.
  /// - Throws: `GraphError` if an operation does not fit its inputs.
  package init(
    _ graph: Graph, inputs: [Graph.Value: MapShape], features: Set<Graph.Value>,
    grams: Set<Graph.Value> = [], gradients: Gradients = [], kernels: Kernels
  ) throws {
    precondition(!features.isEmpty || !grams.isEmpty)
    self.graph = graph
    self.features = features
    self.grams = grams
    self.gradients = gradients
    shapes = try graph.shapes(inputs: inputs, for: features.union(grams))
    steps =
      Fusion(
        graph, shapes: shapes, features: features, grams: grams, gradients: gradients,
        kernels: kernels
      ).steps
  }

  /// The values that a step reads.
  package func inputs(of step: Step) -> [Graph.Value] {
    switch step.kind {
    case .operation: graph[step.output].inputs
    default: [graph[step.nodes[0]].inputs[0]]
    }
  }
}
