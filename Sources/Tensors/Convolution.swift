/// A convolution of stride 1 with zero padding that keeps the size of a map,
/// prepared for one direction: its weights are transformed and packed once.
///
/// Backward is a convolution, too: with the weights flipped in space and inputs
/// and outputs exchanged, it takes the gradient with respect to the output to
/// the gradient with respect to the input.
package struct Convolution: Sendable {
  /// Which way a prepared convolution goes through its layer.
  package enum Direction: Sendable {
    case forward, backward
  }

  package let inputs: Int
  package let outputs: Int
  private let method: Method

  private enum Method: Sendable {
    case winograd(WinogradConvolution)
    case patches(PatchConvolution)
    case projection(ProjectionConvolution)
  }

  /// Prepares a layer's weights.
  ///
  /// - Parameters:
  ///   - weights: `[outputs, inputs, size, size]` as for the forward direction, `size` odd.
  ///   - direction: for `.backward`, inputs and outputs of the result are exchanged.
  package init(weights: Tensor, direction: Direction, workspace: Workspace) {
    precondition(
      weights.shape.count == 4 && weights.shape[2] == weights.shape[3] && weights.shape[2] % 2 == 1)
    let size = weights.shape[2]
    let oriented = OrientedWeights(weights, direction: direction)
    inputs = oriented.inputs
    outputs = oriented.outputs
    let multiple = workspace.kernels.channelMultiple
    if size == 3, inputs % multiple == 0, outputs % multiple == 0 {
      method = .winograd(WinogradConvolution(weights: oriented, workspace: workspace))
    } else if outputs * size * size <= inputs {
      method = .projection(ProjectionConvolution(weights: oriented, kernels: workspace.kernels))
    } else {
      method = .patches(PatchConvolution(weights: oriented, kernels: workspace.kernels))
    }
  }

  /// Convolves a map of `shape.channels == inputs` channels.
  ///
  /// - Parameters:
  ///   - ending: what happens to each output value; see `Epilogue`.
  ///   - output: `[height, width, outputs]`; it may be the epilogue's mask, but neither its addend nor `input`.
  package func callAsFunction(
    _ input: UnsafePointer<Float>, _ shape: MapShape, ending: Epilogue,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    precondition(shape.channels == inputs)
    switch method {
    case .winograd(let convolution):
      convolution(input, shape, ending: ending, into: output, workspace: workspace)
    case .patches(let convolution):
      convolution(input, shape, ending: ending, into: output, workspace: workspace)
    case .projection(let convolution):
      convolution(input, shape, ending: ending, into: output, workspace: workspace)
    }
  }
}

/// A layer's weights seen from one direction.
struct OrientedWeights {
  let inputs: Int
  let outputs: Int
  let size: Int
  private let elements: [Float]
  private let direction: Convolution.Direction

  init(_ weights: Tensor, direction: Convolution.Direction) {
    let isForward = direction == .forward
    outputs = weights.shape[isForward ? 0 : 1]
    inputs = weights.shape[isForward ? 1 : 0]
    size = weights.shape[2]
    elements = weights.elements
    self.direction = direction
  }

  /// Calls `body` with an accessor for the weight at `(output, input, tap)`, where
  /// a tap counts the kernel's places row by row.
  func withAccess<Result>(_ body: (_ weight: (Int, Int, Int) -> Float) -> Result) -> Result {
    elements.withUnsafeBufferPointer { weights in
      let taps = size * size
      return switch direction {
      case .forward: body { output, input, tap in weights[(output * inputs + input) * taps + tap] }
      case .backward:
        body { output, input, tap in weights[(input * outputs + output) * taps + taps - 1 - tap] }
      }
    }
  }
}
