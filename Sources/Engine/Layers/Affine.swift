/// A constant scale and offset of each channel: `output = scale · input - offset`.
///
/// Preprocessing and the scaling of a network's output are of this form.
///
/// - Input and output: `[height, width, channels]`.
package struct Affine: Operation {
  /// The factor of each channel.
  package let scale: [Float]
  /// The value subtracted from each channel, after scaling.
  package let offset: [Float]

  package init(scale: [Float], offset: [Float]) {
    precondition(scale.count == offset.count)
    self.scale = scale
    self.offset = offset
  }

  package var saved: Saved { [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    guard input.channels == scale.count else {
      throw GraphError(
        node: node, "needs a map of \(scale.count) channels, not of \(input.channels)")
    }
    return input
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let input = memory.inputs[0]
    scale.withUnsafeBufferPointer { scale in
      offset.withUnsafeBufferPointer { offset in
        workspace.forEachElement(
          positions: memory.outputShape.positions, channels: scale.count, of: memory.output,
          adding: false
        ) { scale[$1] * input[$0] - offset[$1] }
      }
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    scale.withUnsafeBufferPointer { scale in
      workspace.forEachElement(
        positions: memory.outputShape.positions, channels: scale.count, of: gradient,
        adding: adding
      ) { scale[$1] * upstream[$0] }
    }
  }
}
