/// A convolution of stride 1 that keeps the size of a map, prepared for one
/// direction: its weights are transformed and packed once.
///
/// Backward is a convolution, too: with the weights flipped in space and inputs
/// and outputs exchanged, it takes the gradient with respect to the output to
/// the gradient with respect to the input.
package struct PackedConvolution: Sendable {
  /// Which way a prepared convolution goes through its layer.
  package enum Direction: Sendable {
    case forward, backward
  }

  /// How exact it has to be.
  package enum Precision: Sendable, CaseIterable {
    /// Off by about 3e-6 of the largest value at most: decides ties as exact arithmetic does, nearly always.
    case high
    /// Off by about 3e-5 of the largest value at most.
    case fast
  }

  /// What it reads.
  package enum Input {
    /// `[height, width, channels]`.
    case map(UnsafePointer<Float>)
    /// The map's gradient, of which only that of the pooled map is there; the bits are
    /// those of the pooled output that it came from. Only where `canPool`.
    case unpooled(UnsafePointer<Float>, SignBits, Pooling)
  }

  /// What it writes.
  package enum Output {
    /// `[height, width, channels]`. It may be the epilogue's mask and its gradient's map,
    /// but not the input.
    case map(UnsafeMutablePointer<Float>, Epilogue)
    /// The output after bias, ReLU and pooling, and which of its values the gradient will
    /// reach; the bits are as many as the values before the pooling. Only where `canPool`.
    case pooled(UnsafeMutablePointer<Float>, SignBits, Pooling, bias: UnsafePointer<Float>)
  }

  package let inputs: Int
  package let outputs: Int
  let method: Method

  enum Method: Sendable {
    case winograd(WinogradConvolution)
    case rows(RowConvolution)
    case projection(ProjectionConvolution)
    indirect case folded(FoldedConvolution)
  }

  /// Prepares a layer's weights.
  ///
  /// - Parameters:
  ///   - weights: elements of the shape; they are not needed any more afterwards.
  ///   - shape: `[outputs, inputs, size, size]` of the forward direction, `size` odd.
  ///   - direction: for `.backward`, inputs and outputs of the result are exchanged.
  ///   - padding: what the layer reads outside of its map.
  ///   - precision: whether a faster method with more rounding may be taken.
  package init(
    weights: FloatBuffer, shape: [Int], direction: Direction, padding: Padding = .zero,
    precision: Precision = .high, workspace: Workspace
  ) {
    precondition(shape.count == 4 && shape[2] == shape[3] && shape[2] % 2 == 1)
    let size = shape[2]
    let oriented = OrientedWeights(weights, shape: shape, direction: direction)
    inputs = oriented.inputs
    outputs = oriented.outputs
    let multiple = workspace.kernels.channelMultiple
    let isProjection = outputs * size * size <= inputs
    if isProjection,
      !Self.isWinograd(inputs: inputs, outputs: outputs, size: size, channelMultiple: multiple),
      direction == .backward || padding == .zero
    {
      method = .projection(
        ProjectionConvolution(weights: oriented, padding: padding, kernels: workspace.kernels))
    } else if direction == .backward, padding != .zero {
      let inner = PackedConvolution(
        weights: weights, shape: shape, direction: .backward, precision: precision,
        workspace: workspace)
      method = .folded(FoldedConvolution(inner: inner, reach: size / 2, padding: padding))
    } else if Self.isWinograd(
      inputs: inputs, outputs: outputs, size: size, channelMultiple: multiple)
    {
      method = .winograd(
        WinogradConvolution(
          weights: oriented,
          tileSize: Self.tileSize(inputs: inputs, outputs: outputs, precision: precision),
          padding: padding, workspace: workspace))
    } else {
      method = .rows(
        RowConvolution(weights: oriented, padding: padding, kernels: workspace.kernels))
    }
  }

  /// Whether Winograd's method computes a convolution.
  static func isWinograd(inputs: Int, outputs: Int, size: Int, channelMultiple: Int) -> Bool {
    size == 3 && inputs % channelMultiple == 0 && outputs % channelMultiple == 0
  }

  /// The tiles of Winograd's method for a layer. Larger ones save a fifth of the products,
  /// but their transformed weights take nearly twice the memory.
  package static func tileSize(inputs: Int, outputs: Int, precision: Precision) -> Int {
    precision == .fast && inputs * outputs <= 128 * 128 ? 6 : 4
  }

  /// The method for few outputs, if it is used.
  var projection: ProjectionConvolution? {
    if case .projection(let projection) = method { projection } else { nil }
  }

  /// Whether pooling can be a part of it, see `Input` and `Output`.
  package var canPool: Bool {
    if case .winograd = method { true } else { false }
  }

  /// Convolves a map of `shape.channels == inputs` channels.
  package func callAsFunction(
    _ input: Input, _ shape: MapShape, into output: Output, workspace: Workspace
  ) {
    precondition(shape.channels == inputs)
    if case .winograd(let convolution) = method {
      convolution(input, shape, into: output, workspace: workspace)
      return
    }
    guard case .map(let source) = input, case .map(let target, let epilogue) = output else {
      preconditionFailure("This convolution cannot pool.")
    }
    precondition(epilogue.signs == nil, "Only Winograd's method writes signs.")
    switch method {
    case .winograd: break
    case .rows(let convolution):
      convolution(source, shape, epilogue: epilogue, into: target, workspace: workspace)
    case .projection(let convolution):
      convolution(source, shape, epilogue: epilogue, into: target, workspace: workspace)
    case .folded(let convolution):
      convolution(source, shape, epilogue: epilogue, into: target, workspace: workspace)
    }
  }
}
