/// The sum of two maps of the same shape, such as the end of a residual block.
package struct Add: Operation {
  package init() {}

  package var saved: Saved { [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    guard inputs.count == 2, inputs[0] == inputs[1] else {
      throw GraphError(node: node, "needs two maps of the same shape")
    }
    return inputs[0]
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let (a, b) = (memory.inputs[0], memory.inputs[1])
    workspace.forEachElement(memory.outputShape.count, of: memory.output, adding: false) {
      a[$0] + b[$0]
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    workspace.forEachElement(memory.outputShape.count, of: gradient, adding: adding) {
      upstream[$0]
    }
  }
}
