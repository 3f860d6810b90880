/// An operation that changes the shape of a map, with its elements in the same order.
package struct Reshape: Operation {
  package let shape: MapShape

  package init(to shape: MapShape) {
    self.shape = shape
  }

  package var saved: Saved { [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    guard input.count == shape.count else {
      throw GraphError(node: node, "needs \(shape.count) elements, not \(input.count)")
    }
    return shape
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    memory.output.update(from: memory.inputs[0], count: shape.count)
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    workspace.forEachElement(shape.count, of: gradient, adding: adding) { upstream[$0] }
  }
}
