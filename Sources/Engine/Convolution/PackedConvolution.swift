/// A convolution of stride 1 that keeps the size of a map, with its weights transformed and packed
/// for one direction.
///
/// The backward pass is a convolution as well: with the weights flipped in space, and inputs and
/// outputs exchanged, it maps the gradient with respect to the output to the gradient with respect
/// to the input.
package struct PackedConvolution: Sendable {
  /// The pass that a packed convolution computes.
  package enum Direction: Sendable {
    case forward, backward
  }

  /// The required precision of a convolution.
  ///
  /// With the last two, some convolutions round the points and weights of Winograd's method to bfloat16,
  /// if the kernels can multiply such numbers. Their errors are about 1e-2 of the largest value.
  package enum Precision: Sendable, CaseIterable {
    /// Errors of at most about 3e-6 of the largest value. Max pooling and ReLUs nearly always
    /// decide as with exact arithmetic.
    case high
    /// Errors of at most about 3e-5 of the largest value.
    case medium
    /// bfloat16 in the backward pass, and in the forward pass of layers with many weights. In VGG these
    /// are the deep ones: an error in an early layer changes the decisions of all that follow.
    case mixed
    /// bfloat16 in both passes of layers with at least 64 inputs. In sums of fewer products,
    /// errors cancel less.
    case low
  }

  /// The input of a convolution.
  package enum Input {
    /// A map `[height, width, channels]`.
    case map(UnsafePointer<Float>)
    /// The gradient of a map, given as the gradient of the pooled map and the bits that the forward
    /// pass wrote with `Output.pooled`. Requires `canPool`.
    case unpooled(UnsafePointer<Float>, SignBits, Pooling)
  }

  /// The output of a convolution.
  package enum Output {
    /// A map `[height, width, channels]`. It may alias the epilogue's mask and its gradient's map,
    /// but not the input.
    case map(UnsafeMutablePointer<Float>, Epilogue)
    /// The output after bias, ReLU and pooling, and one bit for each value before the pooling:
    /// whether it will receive a gradient. Requires `canPool`.
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

  /// Transforms and packs a layer's weights.
  ///
  /// - Parameters:
  ///   - weights: the elements of `shape`. They are copied.
  ///   - shape: `[outputs, inputs, size, size]` of the forward direction, `size` odd.
  ///   - direction: for `.backward`, inputs and outputs of the result are exchanged.
  ///   - padding: the padding of the forward pass.
  ///   - precision: whether a faster method with larger rounding errors may be used.
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
          form: Self.winogradForm(
            inputs: inputs, outputs: outputs, direction: direction, precision: precision,
            kernels: workspace.kernels),
          padding: padding, workspace: workspace))
    } else {
      method = .rows(
        RowConvolution(weights: oriented, padding: padding, kernels: workspace.kernels))
    }
  }

  /// Whether a convolution uses Winograd's method.
  static func isWinograd(inputs: Int, outputs: Int, size: Int, channelMultiple: Int) -> Bool {
    size == 3 && inputs % channelMultiple == 0 && outputs % channelMultiple == 0
  }

  /// The form of Winograd's method for a layer.
  ///
  /// Tiles of 6 need a fifth fewer multiplications than tiles of 4, but their transformed weights
  /// take nearly twice the memory, and their points are too far apart for bfloat16.
  static func winogradForm(
    inputs: Int, outputs: Int, direction: Direction, precision: Precision, kernels: Kernels
  ) -> WinogradForm {
    let mayRound =
      switch precision {
      case .high, .medium: false
      case .mixed: direction == .backward || hasManyWeights(inputs, outputs)
      case .low: inputs >= 64
      }
    if mayRound, kernels.hasBFloat16 { return WinogradForm(tileSize: 4, usesBFloat16: true) }
    return WinogradForm(
      tileSize: tileSize(inputs: inputs, outputs: outputs, precision: precision),
      usesBFloat16: false)
  }

  /// The tile size of Winograd's method in single precision.
  package static func tileSize(inputs: Int, outputs: Int, precision: Precision) -> Int {
    precision == .high || hasManyWeights(inputs, outputs) ? 4 : 6
  }

  private static func hasManyWeights(_ inputs: Int, _ outputs: Int) -> Bool {
    inputs * outputs > 128 * 128
  }

  /// The time of Winograd's products as a share of that of the direct method in single precision, if both
  /// ran at the processor's peak. A product of bfloat16 takes half of the time.
  package static func leastShare(
    inputs: Int, outputs: Int, direction: Direction, precision: Precision, kernels: Kernels
  ) -> Double {
    let form = winogradForm(
      inputs: inputs, outputs: outputs, direction: direction, precision: precision,
      kernels: kernels)
    let share = Double(form.points) / Double(9 * form.tileSize * form.tileSize)
    return form.usesBFloat16 ? share / 2 : share
  }

  /// The bytes of the packed weights of a 3x3 convolution, with the inputs and outputs of a direction.
  package static func bytes(
    inputs: Int, outputs: Int, direction: Direction, precision: Precision, kernels: Kernels
  ) -> Int {
    let isWinograd = isWinograd(
      inputs: inputs, outputs: outputs, size: 3, channelMultiple: kernels.channelMultiple)
    let form = winogradForm(
      inputs: inputs, outputs: outputs, direction: direction, precision: precision,
      kernels: kernels)
    let floats =
      isWinograd ? form.points * form.floats(inputs) * outputs : 9 * inputs * outputs
    return floats * MemoryLayout<Float>.stride
  }

  /// The method for few outputs; nil if another method is used.
  var projection: ProjectionConvolution? {
    if case .projection(let projection) = method { projection } else { nil }
  }

  /// Whether pooling can be fused: `Input.unpooled` and `Output.pooled`.
  package var canPool: Bool {
    if case .winograd = method { true } else { false }
  }

  /// Convolves a map.
  ///
  /// - Precondition: `shape.channels == inputs`.
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
