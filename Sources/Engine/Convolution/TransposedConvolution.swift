/// A transposed convolution of stride 2, which doubles the height and width of a map.
///
/// It maps the upstream gradient of a convolution of stride 2 to its input gradient (Dumoulin and
/// Visin 2016, "A guide to convolution arithmetic for deep learning", section 4).
///
/// - Input: `[height, width, inputs]`.
/// - Output: `[2 height, 2 width, outputs]`.
/// - Parameters: weights `[inputs, outputs, size, size]`, and `[outputs]` biases.
package struct TransposedConvolution: Operation {
  /// The position of the output in the full result, which has `size - 2` more rows and columns.
  package enum Alignment: Sendable, Hashable {
    /// TensorFlow's "SAME": crops `size / 2 - 1` rows and columns at the top and left, and
    /// `size / 2` at the bottom and right.
    case tensorFlow
    /// PyTorch's `ConvTranspose2d` with a padding of `size / 2` and an output padding of 1:
    /// crops `size / 2` rows and columns at the top and left, and `size / 2 - 1` at the bottom
    /// and right.
    case pyTorch
  }

  package let inputs: Int
  package let outputs: Int
  /// The height and width of the kernel, odd and at least 3.
  package let size: Int
  package let alignment: Alignment
  package let weights: Parameter
  package let bias: Parameter?

  package init(
    inputs: Int, outputs: Int, size: Int, alignment: Alignment, weights: Parameter,
    bias: Parameter? = nil
  ) {
    precondition(size % 2 == 1 && size >= 3)
    self.inputs = inputs
    self.outputs = outputs
    self.size = size
    self.alignment = alignment
    self.weights = weights
    self.bias = bias
  }

  /// The shape of the weights.
  package var weightShape: [Int] { [inputs, outputs, size, size] }

  package var parameters: [Parameter] { bias.map { [weights, $0] } ?? [weights] }

  package var saved: Saved { .inputs }

  /// The convolution whose transpose this is, from the output's shape to the input's.
  private var kernel: PatchKernel {
    let before = alignment == .pyTorch ? size / 2 : size / 2 - 1
    let after = size - 2 - before
    return PatchKernel(
      window: ConvolutionWindow(
        size: size, stride: 2,
        padding: EdgePadding(mode: .zero, top: before, left: before, bottom: after, right: after)),
      inputs: outputs, outputs: inputs)
  }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    let input = try single(inputs, node: node)
    guard input.channels == self.inputs else {
      throw GraphError(
        node: node, "needs a map of \(self.inputs) channels, not of \(input.channels)")
    }
    return MapShape(height: 2 * input.height, width: 2 * input.width, channels: outputs)
  }

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    kernel.transposed(
      memory.inputs[0], memory.inputShapes[0], weights: memory.parameters[0],
      bias: bias == nil ? nil : memory.parameters[1], into: memory.output, memory.outputShape,
      adding: false, workspace: workspace)
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    kernel.forward(
      upstream, memory.outputShape, weights: memory.parameters[0], bias: nil, into: gradient,
      memory.inputShapes[0], adding: adding, workspace: workspace)
  }

  package func parameterGradient(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradients: [UnsafeMutablePointer<Float>], workspace: Workspace
  ) {
    kernel.addWeightGradient(
      upstream, memory.outputShape, upstream: memory.inputs[0], memory.inputShapes[0],
      into: gradients[0], workspace: workspace)
    if bias != nil {
      workspace.addBiasGradient(upstream, memory.outputShape, into: gradients[1])
    }
  }
}
