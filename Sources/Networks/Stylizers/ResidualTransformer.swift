import Engine

/// The residual network that repaints a picture in one pass, as a graph.
///
/// The parameters have the names and the order of PyTorch's example `fast_neural_style`.
///
/// - Inputs: a picture `[height, width, 3]`, RGB, in the range of the architecture's output; and for
///   predicted norms the style vector, `[1, 1, length]`.
/// - Output: `[height, width, 3]`, RGB, not clipped. Height and width are rounded up to multiples
///   of 4.
package struct ResidualTransformer {
  package let architecture: TransformerArchitecture
  package let graph: Graph
  package let input: Graph.Value
  /// The style vector, if norms are predicted.
  package let style: Graph.Value?
  package let output: Graph.Value

  /// Builds the graph of Johnson's network.
  ///
  /// - Parameters:
  ///   - baseChannels: the number of channels of the first convolution; 32 in the paper.
  ///   - residualBlocks: the number of residual blocks; 5 in the paper.
  package init(baseChannels: Int, residualBlocks: Int = 5) {
    self.init(.johnson(baseChannels: baseChannels, blocks: residualBlocks), height: 4, width: 4)
  }

  /// Builds the graph of a network for pictures of one size.
  ///
  /// - Parameters:
  ///   - height: the height of pictures, which zero padding depends on.
  ///   - width: the width of pictures.
  package init(_ architecture: TransformerArchitecture, height: Int, width: Int) {
    var builder = Builder(architecture, height: height, width: width)
    let (down, up) = (architecture.contraction, architecture.expansion)
    let isNormalized = architecture.normalizesContraction

    var value = builder.convolution(builder.input, "conv1", 3, down[0], size: 9)
    value = builder.activated(value, isNormalized ? "in1" : nil, down[0])
    value = builder.convolution(value, "conv2", down[0], down[1], stride: 2)
    value = builder.activated(value, isNormalized ? "in2" : nil, down[1])
    value = builder.convolution(value, "conv3", down[1], down[2], stride: 2)
    value = builder.activated(value, isNormalized ? "in3" : nil, down[2])
    for block in 0..<architecture.blocks {
      value = builder.residualBlock(value, "res\(block + 1)", down[2])
    }
    value = builder.expansion(value, "deconv1", down[2], up[0])
    value = builder.activated(value, "in4", up[0])
    value = builder.expansion(value, "deconv2", up[0], up[1])
    value = builder.activated(value, "in5", up[1])
    value = builder.convolution(value, "deconv3", up[1], 3, size: 9)
    if architecture.normalizesOutput { value = builder.norm(value, "in6", 3) }
    switch architecture.output {
    case .linear: break
    case .sigmoid: value = builder.graph.add(Sigmoid(), value)
    case .tanh:
      value = builder.graph.add(Tanh(), value)
      value = builder.graph.add(
        Affine(
          scale: [Float](repeating: 150, count: 3), offset: [Float](repeating: -127.5, count: 3)),
        value)
    }

    self.architecture = architecture
    graph = builder.graph
    input = builder.input
    style = builder.style
    output = value
  }

  private struct Builder {
    let architecture: TransformerArchitecture
    var graph = Graph()
    let input: Graph.Value
    let style: Graph.Value?
    /// The size of the map that the next convolution reads.
    private var height: Int
    private var width: Int

    init(_ architecture: TransformerArchitecture, height: Int, width: Int) {
      self.architecture = architecture
      (self.height, self.width) = (height, width)
      input = graph.input(channels: 3)
      if case .predicted(let length) = architecture.scaling {
        style = graph.input(channels: length, name: "style")
      } else {
        style = nil
      }
    }

    mutating func convolution(
      _ value: Graph.Value, _ name: String, _ inputs: Int, _ outputs: Int, size: Int = 3,
      stride: Int = 1
    ) -> Graph.Value {
      let weights = graph.parameter("\(name).conv2d.weight", shape: [outputs, inputs, size, size])
      let bias = bias(name, outputs)
      let padding = padding(size: size, stride: stride)
      (height, width) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
      return graph.add(
        Convolution(
          inputs: inputs, outputs: outputs, size: size, stride: stride, padding: padding,
          weights: weights, bias: bias),
        value, name: name)
    }

    private mutating func bias(_ name: String, _ outputs: Int) -> Parameter? {
      architecture.hasBiases
        ? graph.parameter("\(name).conv2d.bias", shape: [outputs]) : nil
    }

    /// The padding of a convolution: half the kernel on all edges, or for zeros TensorFlow's
    /// "SAME", which pads less at the top and left where the sum is odd.
    private func padding(size: Int, stride: Int) -> EdgePadding {
      guard architecture.padding == .zero else {
        return .same(size: size, mode: architecture.padding)
      }
      func sum(_ length: Int) -> Int {
        max(0, ((length + stride - 1) / stride - 1) * stride + size - length)
      }
      let (vertical, horizontal) = (sum(height), sum(width))
      return EdgePadding(
        mode: .zero, top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    }

    /// A convolution that doubles the size of a map.
    mutating func expansion(
      _ value: Graph.Value, _ name: String, _ inputs: Int, _ outputs: Int
    ) -> Graph.Value {
      (height, width) = (2 * height, 2 * width)
      switch architecture.upsampling {
      case .nearest:
        return convolution(graph.add(Upsampling(), value), name, inputs, outputs)
      case .transposed:
        let weights = graph.parameter("\(name).conv2d.weight", shape: [inputs, outputs, 3, 3])
        let bias = bias(name, outputs)
        return graph.add(
          TransposedConvolution(
            inputs: inputs, outputs: outputs, size: 3, alignment: .tensorFlow, weights: weights,
            bias: bias),
          value, name: name)
      }
    }

    mutating func norm(_ value: Graph.Value, _ name: String, _ channels: Int) -> Graph.Value {
      func vector(_ part: String) -> Graph.Value {
        guard case .predicted(let length) = architecture.scaling else { preconditionFailure() }
        let weights = graph.parameter(
          "\(name).\(part).weight", shape: [channels, length, 1, 1])
        let bias = graph.parameter("\(name).\(part).bias", shape: [channels])
        return graph.add(
          Convolution(
            inputs: length, outputs: channels, size: 1, padding: .same(size: 1, mode: .zero),
            weights: weights, bias: bias),
          style!)
      }
      func parameters(_ rows: Int) -> InstanceNorm.Scaling {
        let shape = rows == 1 ? [channels] : [rows, channels]
        let scale = graph.parameter("\(name).weight", shape: shape)
        let shift = graph.parameter("\(name).bias", shape: shape)
        return .parameters(scale: scale, shift: shift, rows: rows)
      }
      let epsilon = architecture.epsilon
      switch architecture.scaling {
      case .single:
        return graph.add(
          InstanceNorm(channels: channels, epsilon: epsilon, scaling: parameters(1)), value,
          name: name)
      case .rows(let rows):
        return graph.add(
          InstanceNorm(channels: channels, epsilon: epsilon, scaling: parameters(rows)), value,
          name: name)
      case .predicted:
        let (scale, shift) = (vector("weight"), vector("bias"))
        return graph.add(
          InstanceNorm(channels: channels, epsilon: epsilon, scaling: .inputs), value, scale,
          shift, name: name)
      }
    }

    /// A norm, if it has a name, and a ReLU.
    mutating func activated(
      _ value: Graph.Value, _ norm: String?, _ channels: Int
    ) -> Graph.Value {
      let normalized = norm.map { self.norm(value, $0, channels) } ?? value
      return graph.add(ReLU(), normalized)
    }

    mutating func residualBlock(
      _ input: Graph.Value, _ name: String, _ channels: Int
    ) -> Graph.Value {
      var value = convolution(input, "\(name).conv1", channels, channels)
      value = activated(value, "\(name).in1", channels)
      value = convolution(value, "\(name).conv2", channels, channels)
      value = norm(value, "\(name).in2", channels)
      return graph.add(Add(), value, input, name: name)
    }
  }
}
