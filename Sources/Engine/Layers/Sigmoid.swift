import Foundation

/// The logistic function: `output = 1 / (1 + exp(-input))`.
///
/// - Input and output: `[height, width, channels]`.
package struct Sigmoid: Operation {
  package init() {}

  package var saved: Saved { .output }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    try single(inputs, node: node)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let input = memory.inputs[0]
    workspace.forEachElement(memory.outputShape.count, of: memory.output, adding: false) {
      1 / (1 + exp(-input[$0]))
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let output = memory.output
    workspace.forEachElement(memory.outputShape.count, of: gradient, adding: adding) {
      upstream[$0] * (output[$0] * (1 - output[$0]))
    }
  }
}
