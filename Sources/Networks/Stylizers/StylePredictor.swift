import Engine

/// The structure of a network that describes a painting by a style vector: MobileNet V2 (Sandler et
/// al. 2018, "MobileNetV2: Inverted residuals and linear bottlenecks") without its classifier.
package struct PredictorArchitecture: Sendable, Hashable, Codable {
  /// The channels of the first convolution.
  package var stem: Int
  package var blocks: [Block]
  /// The channels of the last convolution before the mean.
  package var top: Int
  /// The length of the style vector.
  package var length: Int

  /// An inverted residual: an expansion, a depthwise convolution and a projection.
  package struct Block: Sendable, Hashable, Codable {
    /// The channels of the expansion; nil for a block without one.
    package var expansion: Int?
    package var channels: Int
    package var stride: Int
  }

  /// The height and width of paintings, for which the network was trained.
  package static let side = 256

  /// Whether all numbers are within those of any network. They may come from a file.
  var isPlausible: Bool {
    let channels = [stem, top, length] + blocks.flatMap { [$0.channels, $0.expansion ?? 1] }
    return channels.allSatisfy { 1...8192 ~= $0 } && blocks.count <= 64
      && blocks.allSatisfy { 1...2 ~= $0.stride }
  }
}

/// The network that describes a painting by a style vector, as a graph.
///
/// - Input: a painting, `[256, 256, 3]`, RGB, 0...1.
/// - Output: `[1, 1, length]`.
package struct StylePredictor {
  package let graph: Graph
  package let input: Graph.Value
  package let output: Graph.Value

  /// Builds the graph.
  package init(_ architecture: PredictorArchitecture) {
    var builder = Builder()
    let input = builder.graph.input(channels: 3, name: "painting")
    var value = builder.convolution(input, "stem", 3, architecture.stem, size: 3, stride: 2)
    value = builder.clipped(value)
    var channels = architecture.stem
    for (index, block) in architecture.blocks.enumerated() {
      value = builder.block(value, "block\(index + 1)", channels, block)
      channels = block.channels
    }
    value = builder.clipped(builder.convolution(value, "top", channels, architecture.top))
    value = builder.graph.add(GlobalPooling(pooling: .average), value)
    value = builder.convolution(value, "vector", architecture.top, architecture.length)
    graph = builder.graph
    self.input = input
    output = value
  }

  private struct Builder {
    var graph = Graph()

    /// Adds a convolution with TensorFlow's "SAME" padding for even sizes.
    mutating func convolution(
      _ value: Graph.Value, _ name: String, _ inputs: Int, _ outputs: Int, size: Int = 1,
      stride: Int = 1, groups: Int = 1
    ) -> Graph.Value {
      let weights = graph.parameter(
        "predictor.\(name).weight", shape: [outputs, inputs / groups, size, size])
      let bias = graph.parameter("predictor.\(name).bias", shape: [outputs])
      let before = stride == 2 ? size / 2 - 1 : size / 2
      return graph.add(
        Convolution(
          inputs: inputs, outputs: outputs, size: size, stride: stride,
          padding: EdgePadding(
            mode: .zero, top: before, left: before, bottom: size / 2, right: size / 2),
          groups: groups, weights: weights, bias: bias),
        value, name: name)
    }

    /// Adds a ReLU that is clipped at 6.
    mutating func clipped(_ value: Graph.Value) -> Graph.Value { graph.add(Clip(0...6), value) }

    mutating func block(
      _ input: Graph.Value, _ name: String, _ inputs: Int, _ block: PredictorArchitecture.Block
    ) -> Graph.Value {
      var value = input
      if let expansion = block.expansion {
        value = clipped(convolution(value, "\(name).expand", inputs, expansion))
      }
      let inner = block.expansion ?? inputs
      value = convolution(
        value, "\(name).depthwise", inner, inner, size: 3, stride: block.stride, groups: inner)
      value = convolution(clipped(value), "\(name).project", inner, block.channels)
      return block.stride == 1 && inputs == block.channels
        ? graph.add(Add(), value, input, name: name) : value
    }
  }
}
