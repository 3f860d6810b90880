extension Workspace {
  /// The number of elements that a thread processes at a time.
  private static let length = 1 << 14

  /// Sets each element of `target` to `value(index)`, or adds `value(index)` to it.
  @inline(__always)
  func forEachElement(
    _ count: Int, of target: UnsafeMutablePointer<Float>, adding: Bool,
    _ value: (_ index: Int) -> Float
  ) {
    parallelRanges(count, length: Self.length) { range in
      if adding {
        for index in range { target[index] += value(index) }
      } else {
        for index in range { target[index] = value(index) }
      }
    }
  }

  /// Sets each element of a map `[positions, channels]` to `value(index, channel)`, or adds it.
  @inline(__always)
  func forEachElement(
    positions: Int, channels: Int, of target: UnsafeMutablePointer<Float>, adding: Bool,
    _ value: (_ index: Int, _ channel: Int) -> Float
  ) {
    parallelRanges(positions, length: max(1, Self.length / max(1, channels))) { range in
      for position in range {
        let first = position * channels
        if adding {
          for channel in 0..<channels {
            target[first + channel] += value(first + channel, channel)
          }
        } else {
          for channel in 0..<channels {
            target[first + channel] = value(first + channel, channel)
          }
        }
      }
    }
  }
}

extension Operation {
  /// The shape of a unary operation's input.
  ///
  /// - Throws: `GraphError` if there are no or several inputs.
  func single(_ inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    guard inputs.count == 1 else { throw GraphError(node: node, "needs one input") }
    return inputs[0]
  }
}
