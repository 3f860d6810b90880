/// Nearest-neighbor upsampling by 2, which turns each value into a square of 2x2.
///
/// - Input: `[height, width, channels]`.
/// - Output: `[2 height, 2 width, channels]`.
package struct Upsampling: Operation {
  package init() {}

  package var saved: Saved { [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    return MapShape(height: 2 * input.height, width: 2 * input.width, channels: input.channels)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let (shape, input, output) = (memory.inputShapes[0], memory.inputs[0], memory.output)
    let (channels, length) = (shape.channels, shape.width * shape.channels)
    workspace.parallel(shape.height) { y in
      let first = output + 4 * y * length
      for x in 0..<shape.width {
        let from = input + y * length + x * channels
        (first + 2 * x * channels).update(from: from, count: channels)
        (first + (2 * x + 1) * channels).update(from: from, count: channels)
      }
      (first + 2 * length).update(from: first, count: 2 * length)
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let shape = memory.inputShapes[0]
    let (channels, length) = (shape.channels, shape.width * shape.channels)
    workspace.parallel(shape.height) { y in
      for x in 0..<shape.width {
        let to = gradient + y * length + x * channels
        let above = upstream + 4 * y * length + 2 * x * channels
        let below = above + 2 * length
        for channel in 0..<channels {
          let right = channel + channels
          let sum = (above[channel] + above[right]) + (below[channel] + below[right])
          to[channel] = adding ? to[channel] + sum : sum
        }
      }
    }
  }
}
