/// The rectified linear unit: `output = max(input, 0)`. Its derivative at 0 is 0.
///
/// - Input and output: `[height, width, channels]`.
package struct ReLU: Operation {
  package init() {}

  package var saved: Saved { .output }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    try single(inputs, node: node)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let input = memory.inputs[0]
    workspace.forEachElement(memory.outputShape.count, of: memory.output, adding: false) {
      input[$0] > 0 ? input[$0] : 0
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let output = memory.output
    workspace.forEachElement(memory.outputShape.count, of: gradient, adding: adding) {
      output[$0] > 0 ? upstream[$0] : 0
    }
  }
}
