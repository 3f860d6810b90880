/// A convolution (correlation, as in all networks) with trainable weights.
///
/// With `s` the stride and `x` the input with its padding around it,
/// `output[y, x, o] = bias[o] + Σ weights[o, i, dy, dx] · x[s·y + dy, s·x + dx, i]`.
///
/// - Input: `[height, width, inputs]`.
/// - Output: `[(height + top + bottom - size) / stride + 1, …, outputs]`, rounded down.
/// - Parameters: weights `[outputs, inputs / groups, size, size]`, and `[outputs]` biases.
package struct Convolution: Operation {
  package let inputs: Int
  package let outputs: Int
  /// The height and width of the kernel, odd.
  package let size: Int
  /// The stride, 1 or 2.
  package let stride: Int
  package let padding: EdgePadding
  /// The number of groups: 1, or the number of channels for a depthwise convolution, in which each
  /// channel has its own kernel.
  package let groups: Int
  package let weights: Parameter
  package let bias: Parameter?

  package init(
    inputs: Int, outputs: Int, size: Int, stride: Int = 1, padding: EdgePadding, groups: Int = 1,
    weights: Parameter, bias: Parameter? = nil
  ) {
    precondition(size % 2 == 1 && (1...2).contains(stride))
    precondition(groups == 1 || (groups == inputs && groups == outputs))
    self.inputs = inputs
    self.outputs = outputs
    self.size = size
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.weights = weights
    self.bias = bias
  }

  /// The shape of the weights.
  package var weightShape: [Int] { [outputs, inputs / groups, size, size] }

  /// Whether `PackedConvolution` can compute it: stride 1, one group, and the same padding on all
  /// edges, which keeps the size of the map.
  package var isSame: Bool {
    stride == 1 && groups == 1 && padding == .same(size: size, mode: padding.mode)
  }

  package var parameters: [Parameter] { bias.map { [weights, $0] } ?? [weights] }

  package var saved: Saved { .inputs }

  private var window: ConvolutionWindow {
    ConvolutionWindow(size: size, stride: stride, padding: padding)
  }

  private var kernel: any ConvolutionKernel {
    groups > 1
      ? DepthwiseKernel(window: window, channels: inputs)
      : PatchKernel(window: window, inputs: inputs, outputs: outputs)
  }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    guard input.channels == self.inputs else {
      throw GraphError(
        node: node, "needs a map of \(self.inputs) channels, not of \(input.channels)")
    }
    guard let shape = window.outputShape(of: input, channels: outputs) else {
      throw GraphError(
        node: node, "has kernels that are larger than the map of \(input.width)x\(input.height)")
    }
    return shape
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    kernel.forward(
      memory.inputs[0], memory.inputShapes[0], weights: memory.parameters[0],
      bias: bias == nil ? nil : memory.parameters[1], into: memory.output, memory.outputShape,
      adding: false, workspace: workspace)
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    kernel.transposed(
      upstream, memory.outputShape, weights: memory.parameters[0], bias: nil, into: gradient,
      memory.inputShapes[0], adding: adding, workspace: workspace)
  }

  package func parameterGradient(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradients: [UnsafeMutablePointer<Float>], workspace: Workspace
  ) {
    addWeightGradient(memory, upstream, into: gradients[0], workspace)
    if bias != nil {
      workspace.addBiasGradient(upstream, memory.outputShape, into: gradients[1])
    }
  }

  private func addWeightGradient(
    _ memory: NodeMemory, _ upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, _ workspace: Workspace
  ) {
    let (map, shape) = (memory.inputs[0], memory.inputShapes[0])
    guard isSame else {
      kernel.addWeightGradient(
        map, shape, upstream: upstream, memory.outputShape, into: gradient, workspace: workspace)
      return
    }
    if PackedConvolution.isWinograd(
      inputs: inputs, outputs: outputs, size: size,
      channelMultiple: workspace.kernels.channelMultiple)
    {
      WinogradWeightGradient(inputs: inputs, outputs: outputs, padding: padding.mode).add(
        map, upstream: upstream, height: shape.height, width: shape.width, to: gradient,
        workspace: workspace)
    } else {
      RowWeightGradient(inputs: inputs, outputs: outputs, size: size, padding: padding.mode).add(
        map, upstream: upstream, height: shape.height, width: shape.width, to: gradient,
        workspace: workspace)
    }
  }
}

extension Workspace {
  /// Adds the sum of each channel of an upstream gradient to a bias gradient.
  func addBiasGradient(
    _ upstream: UnsafePointer<Float>, _ shape: MapShape,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let sums = sumChannels(upstream, positions: shape.positions, channels: shape.channels)
    for channel in 0..<shape.channels { gradient[channel] += Float(sums[channel]) }
  }
}
