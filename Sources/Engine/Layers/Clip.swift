/// An operation that clamps values to a range.
///
/// The gradient is zero outside of the range, and passes at the bounds, as in PyTorch.
///
/// - Input and output: `[height, width, channels]`.
package struct Clip: Operation {
  package let range: ClosedRange<Float>

  package init(_ range: ClosedRange<Float>) {
    self.range = range
  }

  package var saved: Saved { .inputs }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    try single(inputs, node: node)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let (input, lower, upper) = (memory.inputs[0], range.lowerBound, range.upperBound)
    workspace.forEachElement(memory.outputShape.count, of: memory.output, adding: false) {
      let value = input[$0]
      return value < lower ? lower : value > upper ? upper : value
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let (input, lower, upper) = (memory.inputs[0], range.lowerBound, range.upperBound)
    workspace.forEachElement(memory.outputShape.count, of: gradient, adding: adding) {
      input[$0] >= lower && input[$0] <= upper ? upstream[$0] : 0
    }
  }
}
