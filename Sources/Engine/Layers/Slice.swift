/// An operation that selects a range of channels.
///
/// - Input: `[height, width, channels]`.
/// - Output: `[height, width, range.count]`.
package struct Slice: Operation {
  package let channels: Range<Int>

  package init(channels: Range<Int>) {
    precondition(channels.lowerBound >= 0)
    self.channels = channels
  }

  package var saved: Saved { [] }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    guard !channels.isEmpty, channels.upperBound <= input.channels else {
      throw GraphError(
        node: node, "takes the channels \(channels) of a map that has \(input.channels)")
    }
    return MapShape(height: input.height, width: input.width, channels: channels.count)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    let (input, all) = (memory.inputs[0], memory.inputShapes[0].channels)
    let (output, count) = (memory.output, channels.count)
    workspace.parallelRanges(memory.outputShape.positions, length: 1024) { positions in
      for position in positions {
        (output + position * count)
          .update(from: input + position * all + channels.lowerBound, count: count)
      }
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let (all, count) = (memory.inputShapes[0].channels, channels.count)
    workspace.parallelRanges(memory.outputShape.positions, length: 1024) { positions in
      for position in positions {
        let row = gradient + position * all
        if !adding { row.update(repeating: 0, count: all) }
        let to = row + channels.lowerBound
        for channel in 0..<count { to[channel] += upstream[position * count + channel] }
      }
    }
  }
}
