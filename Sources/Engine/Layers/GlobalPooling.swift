/// Global pooling: the mean or the largest value of each channel.
///
/// In max pooling, the first of several largest values receives the gradient.
///
/// - Input: `[height, width, channels]`.
/// - Output: `[1, 1, channels]`.
package struct GlobalPooling: Operation {
  package let pooling: Pooling

  package init(pooling: Pooling) {
    self.pooling = pooling
  }

  package var saved: Saved { pooling == .max ? [.inputs, .output] : [] }

  /// The number of channels that a thread scans together, one cache line.
  private static let channelsTogether = 16

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    guard input.positions > 0 else { throw GraphError(node: node, "needs a map of some size") }
    return MapShape(height: 1, width: 1, channels: input.channels)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let (shape, input, output) = (memory.inputShapes[0], memory.inputs[0], memory.output)
    let channels = shape.channels
    switch pooling {
    case .average:
      let sums = workspace.sumChannels(input, positions: shape.positions, channels: channels)
      for channel in 0..<channels {
        output[channel] = Float(sums[channel] / Double(shape.positions))
      }
    case .max:
      workspace.parallelRanges(channels, length: Self.channelsTogether) { range in
        for channel in range { output[channel] = input[channel] }
        for position in 1..<max(1, shape.positions) {
          for channel in range {
            output[channel] = max(output[channel], input[position * channels + channel])
          }
        }
      }
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let shape = memory.inputShapes[0]
    let channels = shape.channels
    switch pooling {
    case .average:
      let share = 1 / Float(shape.positions)
      workspace.forEachElement(
        positions: shape.positions, channels: channels, of: gradient, adding: adding
      ) { share * upstream[$1] }
    case .max:
      if !adding {
        workspace.forEachElement(shape.count, of: gradient, adding: false) { _ in 0 }
      }
      let (map, output) = (memory.inputs[0], memory.output)
      workspace.parallelRanges(channels, length: Self.channelsTogether) { range in
        for channel in range {
          let first = (0..<shape.positions).first {
            map[$0 * channels + channel] == output[channel]
          }
          if let first { gradient[first * channels + channel] += upstream[channel] }
        }
      }
    }
  }
}
