/// Pooling of 2x2 windows with stride 2.
///
/// In max pooling, the first of a window's largest values receives the gradient, as in PyTorch.
///
/// - Input: `[height, width, channels]`.
/// - Output: `[height / 2, width / 2, channels]`, rounded down or up. Rounding down drops the
///   last row or column of an odd map. Rounding up gives it its own windows, whose means are over
///   the values within the map.
package struct WindowPooling: Operation {
  package let pooling: Pooling
  package let roundingUp: Bool

  package init(pooling: Pooling, roundingUp: Bool = false) {
    self.pooling = pooling
    self.roundingUp = roundingUp
  }

  package var saved: Saved { pooling == .max ? .inputs : [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    let output = pooling.outputShape(of: input, roundingUp: roundingUp)
    guard output.positions > 0 else {
      throw GraphError(
        node: node, "leaves nothing of a map of \(input.width)x\(input.height)")
    }
    return output
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    pooling.forward(
      memory.inputs[0], memory.inputShapes[0], roundingUp: roundingUp, into: memory.output,
      workspace: workspace)
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let (shape, pooled) = (memory.inputShapes[0], memory.outputShape)
    let (channels, length) = (shape.channels, shape.width * shape.channels)
    let map: UnsafePointer<Float>? = pooling == .max ? memory.inputs[0] : nil
    workspace.parallel((shape.height + 1) / 2) { y in
      let rows = min(2, shape.height - 2 * y)
      if !adding {
        (gradient + 2 * y * length).update(repeating: 0, count: rows * length)
      }
      guard y < pooled.height else { return }
      for x in 0..<pooled.width {
        let from = upstream + (y * pooled.width + x) * channels
        let columns = min(2, shape.width - 2 * x)
        let window = 2 * y * length + 2 * x * channels
        guard let map else {
          let share = 1 / Float(rows * columns)
          for row in 0..<rows {
            for column in 0..<columns {
              let to = gradient + window + row * length + column * channels
              for channel in 0..<channels { to[channel] += share * from[channel] }
            }
          }
          continue
        }
        for channel in 0..<channels {
          var first = window + channel
          for row in 0..<rows {
            for column in 0..<columns {
              let place = window + row * length + column * channels + channel
              if map[place] > map[first] { first = place }
            }
          }
          gradient[first] += from[channel]
        }
      }
    }
  }
}
