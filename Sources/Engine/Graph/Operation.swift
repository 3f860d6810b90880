/// A kind of node: a function of maps and parameters, with hand-written derivatives.
///
/// Every function works on one picture. Maps are `[height, width, channels]`, dense.
package protocol Operation: Sendable {
  /// The parameters, in the order in which the functions below receive them.
  var parameters: [Parameter] { get }
  /// The maps that the backward pass reads in addition to the upstream gradient.
  var saved: Saved { get }

  /// The shape of the output.
  ///
  /// - Parameters:
  ///   - inputs: the shape of each input.
  ///   - node: the node, for errors.
  /// - Throws: `GraphError` if the inputs do not fit.
  func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape

  /// The number of statistics, for example means of channels, that the forward pass and
  /// `prepareBackward` save for the backward pass.
  func statisticsCount(of inputs: [MapShape]) -> Int

  /// Computes the output.
  func forward(_ memory: NodeMemory, workspace: Workspace)

  /// Adds what both functions below need to the statistics. It is called before them.
  func prepareBackward(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>, workspace: Workspace)

  /// Computes the gradient with respect to one input from the gradient with respect to the
  /// output.
  ///
  /// - Parameters:
  ///   - input: the index of the input.
  ///   - memory: as `forward` left it. Maps that are not in `saved` must not be read.
  ///   - upstream: the gradient with respect to the output, in the output's shape.
  ///   - gradient: receives the gradient, in the input's shape.
  ///   - adding: whether to add to `gradient` instead of overwriting it.
  func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace)

  /// Adds the gradient with respect to each parameter.
  ///
  /// - Parameters:
  ///   - memory: as in `inputGradient`. The inputs are available whatever `saved` contains.
  ///   - upstream: the gradient with respect to the output.
  ///   - gradients: one pointer per parameter, to which its gradient is added.
  func parameterGradient(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradients: [UnsafeMutablePointer<Float>], workspace: Workspace)
}

extension Operation {
  package var parameters: [Parameter] { [] }

  package func statisticsCount(of inputs: [MapShape]) -> Int { 0 }

  package func prepareBackward(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>, workspace: Workspace
  ) {}

  package func parameterGradient(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradients: [UnsafeMutablePointer<Float>], workspace: Workspace
  ) {
    preconditionFailure("\(Self.self) has no parameters.")
  }
}

/// The maps that an operation's backward pass reads.
package struct Saved: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The values of the inputs.
  package static let inputs = Saved(rawValue: 1)
  /// The values of the output.
  package static let output = Saved(rawValue: 2)
}

/// The memory that one node reads and writes.
package struct NodeMemory {
  package var inputs: [UnsafePointer<Float>]
  package var inputShapes: [MapShape]
  package var output: UnsafeMutablePointer<Float>
  package var outputShape: MapShape
  /// `statisticsCount` values that `forward` and `prepareBackward` write, and the backward pass reads.
  package var statistics: UnsafeMutablePointer<Float>
  /// The values of each parameter.
  package var parameters: [UnsafePointer<Float>]
  /// The selected row of conditional parameters, or a blend of rows.
  package var rows: RowSelection

  package init(
    inputs: [UnsafePointer<Float>], inputShapes: [MapShape], output: UnsafeMutablePointer<Float>,
    outputShape: MapShape, statistics: UnsafeMutablePointer<Float>,
    parameters: [UnsafePointer<Float>], rows: RowSelection
  ) {
    self.inputs = inputs
    self.inputShapes = inputShapes
    self.output = output
    self.outputShape = outputShape
    self.statistics = statistics
    self.parameters = parameters
    self.rows = rows
  }
}

/// A selection of rows of conditional parameters, which are the styles of a multi-style network.
package enum RowSelection: Sendable, Hashable {
  case row(Int)
  /// A weighted sum of all rows.
  case blend([Float])
}

/// An input of a graph: a picture or a map.
package struct Input: Operation {
  package let channels: Int

  package var saved: Saved { [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    preconditionFailure("The shape of an input is given.")
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {}

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    preconditionFailure("An input has no inputs.")
  }
}
