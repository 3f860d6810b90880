import Engine
import Impasto
import Networks

/// One training's network, its optimizer and the losses: Johnson, Alahi and Fei-Fei (2016),
/// "Perceptual losses for real-time style transfer and super-resolution".
///
/// The objective's gradient with respect to the repainted picture is the upstream gradient of the
/// network. Each sample has a gradient of its own, and these are added in a fixed tree, so that the
/// sum does not depend on where the samples were computed.
package final class Trainer {
  package let options: TrainingOptions
  let transformer: ResidualTransformer
  package let parameters: ParameterVector
  private(set) var optimizer: Adam
  private let space: VectorSpace
  private let executor: CPUExecutor
  private let content: FeatureExtractor
  private let objective: Objective
  /// The gradient of each sample.
  private let gradients: [FloatBuffer]
  private let input: FloatBuffer
  private let picture: FloatBuffer
  private let upstream: FloatBuffer

  /// The factor of the last convolution's output, which becomes part of its weights in the end.
  ///
  /// Adam moves all weights by about the same distance, and pictures have values to 255. Johnson's
  /// network ends with `150 tanh`, which has this slope.
  private static let outputScale: Float = 150
  /// The last convolution, whose output is the picture.
  private static let lastConvolution = "deconv3.conv2d"

  /// - Throws: `SettingError`, `NetworkError` and `ModelFileError`.
  package init(
    _ options: TrainingOptions, style: StyleTarget, network: FeatureNetwork, workspace: Workspace
  ) throws {
    self.options = options
    let side = options.size
    transformer = ResidualTransformer(
      .johnson(baseChannels: options.baseChannels), height: side, width: side)
    parameters = ParameterVector(transformer.graph)
    parameters.initialize(seed: UInt64(options.seed))
    let plan = try Plan(
      transformer.graph,
      inputs: [transformer.input: MapShape(height: side, width: side, channels: 3)],
      features: [transformer.output], gradients: .parameters, kernels: workspace.kernels)
    executor = CPUExecutor(plan, parameters: parameters, workspace: workspace)
    let contentLayers = try LayerWeights(
      parsing: options.contentLayers, architecture: network.architecture)
    content = try FeatureExtractor(
      network: network, height: side, width: side,
      features: Set(contentLayers.shares.map(\.layer)), hasGradient: false, workspace: workspace)
    let gray = Tensor(shape: [side, side, 3], repeating: 0.5)
    objective = try Objective(
      photo: gray, visible: nil, contentLayers: contentLayers, style: [StyleRegion(style)],
      weights: options.weights, styleLoss: options.styleLoss,
      normalization: options.normalization, network: network, hasGradient: true,
      workspace: workspace)
    space = VectorSpace(count: parameters.count, workspace: workspace)
    optimizer = Adam(learningRate: 0)
    gradients = (0..<options.batch).map { [space] _ in space.take() }
    (input, picture, upstream) = (
      FloatBuffer(count: 3 * side * side), FloatBuffer(count: 3 * side * side),
      FloatBuffer(count: 3 * side * side)
    )
    startPictures(with: style.colors.mean)
  }

  /// Continues from a checkpoint.
  ///
  /// - Throws: `CheckpointError` for one of another network.
  func restore(_ values: FloatBuffer, _ state: OptimizerState) throws {
    guard values.count == parameters.count else { throw CheckpointError() }
    parameters.values.pointer.update(from: values.pointer, count: values.count)
    parameters.invalidate()
    try optimizer.restore(state, in: space)
  }

  /// Moves the parameters by the gradient of a batch.
  ///
  /// - Parameters:
  ///   - samples: `[size, size, 3]` each, 0...1.
  ///   - step: the number of steps before.
  /// - Returns: the mean of the samples' losses.
  /// - Throws: `TrainingError.notFinite`; the parameters are unchanged then.
  func step(_ samples: [[Float]], step: Int) throws -> Losses {
    let (losses, gradient) = differentiate(samples)
    guard losses.total.isFinite, space.dot(gradient, gradient).isFinite else {
      throw TrainingError.notFinite(step: step + 1)
    }
    optimizer.learningRate = Float(options.learningRate(step: step))
    optimizer.move(parameters.values, gradient, into: parameters.values, in: space)
    parameters.invalidate()
    return losses
  }

  /// The mean losses of a batch, and their gradient with respect to the parameters, which is valid
  /// until the next call.
  package func differentiate(_ samples: [[Float]]) -> (losses: Losses, gradient: FloatBuffer) {
    let losses = zip(samples, gradients).map { differentiate($0, into: $1) }
    sumGradients()
    return (Losses(meanOf: losses), gradients[0])
  }

  /// Makes the first pictures as bright as the painting, because the way from black is long.
  private func startPictures(with color: SIMD3<Double>) {
    let bias = parameters.values(
      of: parameters.parameter(named: "\(Self.lastConvolution).bias")!)
    let white = transformer.architecture.output.white
    for channel in 0..<3 { bias[channel] = Float(color[channel]) * white / Self.outputScale }
    parameters.invalidate()
  }

  /// The weights of the network, by their names.
  var weights: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: parameters.descriptions.map { description in
        let values = parameters.values(of: parameters.parameter(named: description.name)!)
        let isLast = description.name.hasPrefix(Self.lastConvolution)
        let elements = UnsafeBufferPointer(start: values, count: description.count).map {
          isLast ? $0 * Self.outputScale : $0
        }
        return (description.name, Tensor(shape: description.shape, elements: elements))
      })
  }

  /// The losses of a sample, with the gradient with respect to the parameters.
  private func differentiate(_ sample: [Float], into gradient: FloatBuffer) -> Losses {
    let white = transformer.architecture.output.white
    sample.withUnsafeBufferPointer { content.forward($0.baseAddress!) }
    objective.setPhoto(content)
    for (index, value) in sample.enumerated() { input.pointer[index] = value * white }
    executor.forward(input.pointer)
    let output = executor.map(transformer.output)
    let factor = Self.outputScale / white
    for index in sample.indices { picture.pointer[index] = output[index] * factor }
    let losses = objective.losses(picture.pointer, gradient: upstream.pointer)
    for index in sample.indices { upstream.pointer[index] *= factor }
    parameters.clearGradients()
    executor.backward(
      [transformer.output: LocalGradient(upstream: [UnsafePointer(upstream.pointer)])],
      of: input.pointer, into: [])
    gradient.pointer.update(from: parameters.gradients.pointer, count: gradient.count)
    return losses
  }

  /// Puts the mean of all samples' gradients into the first one, as a tree of sums of two.
  private func sumGradients() {
    var distance = 1
    while distance < gradients.count {
      for index in stride(from: 0, to: gradients.count - distance, by: 2 * distance) {
        let (target, source) = (gradients[index].pointer, gradients[index + distance].pointer)
        space.forRanges { for i in $0 { target[i] += source[i] } }
      }
      distance *= 2
    }
    let (target, factor) = (gradients[0].pointer, 1 / Float(gradients.count))
    space.forRanges { for i in $0 { target[i] *= factor } }
  }
}

extension ParameterVector {
  /// Sets random values: uniform ones within `1/√n` for convolutions of n inputs each, PyTorch's
  /// default; 1 and 0 for the scales and shifts of norms.
  fileprivate func initialize(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bound: Float = 0
    for description in descriptions {
      let values = values(of: parameter(named: description.name)!)
      let isConvolution = description.name.contains("conv2d")
      if isConvolution, description.shape.count == 4 {
        bound = 1 / Float(description.shape.dropFirst().reduce(1, *)).squareRoot()
      }
      for index in 0..<description.count {
        values[index] =
          isConvolution
          ? Float.random(in: -bound...bound, using: &random)
          : description.name.hasSuffix("weight") ? 1 : 0
      }
    }
    invalidate()
  }
}
