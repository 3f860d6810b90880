import Engine

/// The residual network that repaints a picture in one pass: Johnson, Alahi and Fei-Fei (2016),
/// "Perceptual losses for real-time style transfer and super-resolution", with instance norm
/// (Ulyanov et al. 2016) and with nearest upsampling before convolutions.
///
/// The parameters have the names and the order of PyTorch's example `fast_neural_style`.
///
/// - Input: `[height, width, 3]`, RGB, 0...255.
/// - Output: `[height, width, 3]`, RGB, 0...255, not clipped. Height and width are rounded up to
///   multiples of 4.
package struct ResidualTransformer {
  package let graph: Graph
  package let input: Graph.Value
  package let output: Graph.Value

  /// Builds the graph.
  ///
  /// - Parameters:
  ///   - baseChannels: the number of channels of the first convolution; 32 in the paper.
  ///   - residualBlocks: the number of residual blocks; 5 in the paper.
  package init(baseChannels: Int, residualBlocks: Int = 5) {
    var builder = Builder()
    let input = builder.graph.input(channels: 3)
    let (few, some, many) = (baseChannels, 2 * baseChannels, 4 * baseChannels)

    var value = builder.convolution(input, "conv1", 3, few, size: 9)
    value = builder.norm(value, "in1", few, hasReLU: true)
    value = builder.convolution(value, "conv2", few, some, stride: 2)
    value = builder.norm(value, "in2", some, hasReLU: true)
    value = builder.convolution(value, "conv3", some, many, stride: 2)
    value = builder.norm(value, "in3", many, hasReLU: true)
    for block in 0..<residualBlocks {
      value = builder.residualBlock(value, "res\(block + 1)", many)
    }
    value = builder.graph.add(Upsampling(), value)
    value = builder.convolution(value, "deconv1", many, some)
    value = builder.norm(value, "in4", some, hasReLU: true)
    value = builder.graph.add(Upsampling(), value)
    value = builder.convolution(value, "deconv2", some, few)
    value = builder.norm(value, "in5", few, hasReLU: true)
    value = builder.convolution(value, "deconv3", few, 3, size: 9)

    graph = builder.graph
    self.input = input
    output = value
  }

  private struct Builder {
    var graph = Graph()

    /// Adds a convolution with reflection padding.
    mutating func convolution(
      _ value: Graph.Value, _ name: String, _ inputs: Int, _ outputs: Int, size: Int = 3,
      stride: Int = 1
    ) -> Graph.Value {
      let weights = graph.parameter("\(name).conv2d.weight", shape: [outputs, inputs, size, size])
      let bias = graph.parameter("\(name).conv2d.bias", shape: [outputs])
      return graph.add(
        Convolution(
          inputs: inputs, outputs: outputs, size: size, stride: stride,
          padding: .same(size: size, mode: .reflect), weights: weights, bias: bias),
        value, name: name)
    }

    mutating func norm(
      _ value: Graph.Value, _ name: String, _ channels: Int, hasReLU: Bool
    ) -> Graph.Value {
      let scale = graph.parameter("\(name).weight", shape: [channels])
      let shift = graph.parameter("\(name).bias", shape: [channels])
      let norm = InstanceNorm(
        channels: channels, scaling: .parameters(scale: scale, shift: shift))
      let normalized = graph.add(norm, value, name: name)
      return hasReLU ? graph.add(ReLU(), normalized) : normalized
    }

    mutating func residualBlock(
      _ input: Graph.Value, _ name: String, _ channels: Int
    ) -> Graph.Value {
      var value = convolution(input, "\(name).conv1", channels, channels)
      value = norm(value, "\(name).in1", channels, hasReLU: true)
      value = convolution(value, "\(name).conv2", channels, channels)
      value = norm(value, "\(name).in2", channels, hasReLU: false)
      return graph.add(Add(), value, input, name: name)
    }
  }
}
