/// The element-wise product of two maps. The second may be `[1, 1, channels]`, a factor for each
/// channel.
///
/// - Inputs: `[height, width, channels]`, and the same or `[1, 1, channels]`.
/// - Output: `[height, width, channels]`.
package struct Multiply: Operation {
  package init() {}

  package var saved: Saved { .inputs }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    guard inputs.count == 2,
      inputs[0] == inputs[1] || Self.isVector(inputs[1], for: inputs[0])
    else {
      throw GraphError(
        node: node, "needs two maps of the same shape, or a map and a factor for each channel")
    }
    return inputs[0]
  }

  /// Whether `shape` has one value per channel of `map`.
  private static func isVector(_ shape: MapShape, for map: MapShape) -> Bool {
    shape.positions == 1 && shape.channels == map.channels
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let (a, b) = (memory.inputs[0], memory.inputs[1])
    multiply(a, b, isVector: isVector(memory), memory, into: memory.output, false, workspace)
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let isVector = isVector(memory)
    if input == 0 {
      multiply(
        upstream, memory.inputs[1], isVector: isVector, memory, into: gradient, adding, workspace)
    } else if !isVector {
      multiply(
        upstream, memory.inputs[0], isVector: false, memory, into: gradient, adding, workspace)
    } else {
      let (a, channels) = (memory.inputs[0], memory.outputShape.channels)
      let sums = workspace.sum(positions: memory.outputShape.positions, values: channels) {
        positions, sums in
        for position in positions {
          let first = position * channels
          for channel in 0..<channels {
            sums[channel] += Double(upstream[first + channel]) * Double(a[first + channel])
          }
        }
      }
      for channel in 0..<channels {
        gradient[channel] = (adding ? gradient[channel] : 0) + Float(sums[channel])
      }
    }
  }

  private func isVector(_ memory: NodeMemory) -> Bool {
    memory.inputShapes[0] != memory.inputShapes[1]
  }

  private func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, isVector: Bool, _ memory: NodeMemory,
    into target: UnsafeMutablePointer<Float>, _ adding: Bool, _ workspace: Workspace
  ) {
    let shape = memory.outputShape
    if isVector {
      workspace.forEachElement(
        positions: shape.positions, channels: shape.channels, of: target, adding: adding
      ) { a[$0] * b[$1] }
    } else {
      workspace.forEachElement(shape.count, of: target, adding: adding) { a[$0] * b[$0] }
    }
  }
}
