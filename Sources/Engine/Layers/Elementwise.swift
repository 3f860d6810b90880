extension Workspace {
  /// Elements that one thread works on at a time.
  private static let length = 1 << 14

  /// Sets each element of `target` to `value(index)`, or adds it.
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

  /// The same for a map `[positions, channels]`, with the channel of each element.
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
  /// The only input of an operation with one.
  ///
  /// - Throws: `GraphError` if there are none or several.
  func single(_ inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    guard inputs.count == 1 else { throw GraphError(node: node, "needs one input") }
    return inputs[0]
  }
}
