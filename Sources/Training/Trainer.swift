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
  private let trained: TrainedNetwork
  private let styles: [Objective.PreparedStyle]
  /// The gradient of each sample.
  private let gradients: [FloatBuffer]
  private let input: FloatBuffer
  private let picture: FloatBuffer
  private let upstream: FloatBuffer

  /// A function that receives the duration of each step of the networks: of the one that is
  /// trained, of the one that reads the photo, and of the one that reads the result.
  package var observer: ((_ network: String, StepTime) -> Void)? {
    didSet {
      let observer = observer
      executor.observer = observer.map { observer in { observer("network", $0) } }
      content.observer = observer.map { observer in { observer("photo", $0.step) } }
      objective.observer = observer.map { observer in { observer("result", $0.step) } }
    }
  }

  /// - Parameters:
  ///   - styles: the paintings. With several, each sample draws one.
  ///   - start: the network to start from; nil for random weights.
  /// - Throws: `SettingError`, `NetworkError` and `ModelFileError`.
  package init(
    _ options: TrainingOptions, styles: [StyleTarget], start: TrainingStart? = nil,
    network: FeatureNetwork, workspace: Workspace
  ) throws {
    self.options = options
    let side = options.size
    trained = TrainedNetwork(options, styles: styles.count, start: start)
    transformer = ResidualTransformer(trained.architecture, height: side, width: side)
    parameters = ParameterVector(transformer.graph)
    trained.initialize(
      parameters, seed: UInt64(options.seed),
      color: styles.reduce(.zero) { $0 + $1.colors.mean } / Double(styles.count))
    let plan = try Plan(
      transformer.graph,
      inputs: [transformer.input: MapShape(height: side, width: side, channels: 3)],
      features: [transformer.output], gradients: .parameters,
      trained: trained.trained(in: parameters), kernels: workspace.kernels)
    executor = CPUExecutor(plan, parameters: parameters, workspace: workspace)
    let contentLayers = try LayerWeights(
      parsing: options.contentLayers, architecture: network.architecture)
    content = try FeatureExtractor(
      network: network, height: side, width: side,
      features: Set(contentLayers.shares.map(\.layer)), hasGradient: false, workspace: workspace)
    let gray = Tensor(shape: [side, side, 3], repeating: 0.5)
    let objective = try Objective(
      photo: gray, visible: nil, contentLayers: contentLayers, style: [StyleRegion(styles[0])],
      weights: options.weights, styleLoss: options.styleLoss,
      normalization: options.normalization, network: network, hasGradient: true,
      workspace: workspace)
    self.objective = objective
    self.styles = styles.map { objective.prepared($0) }
    space = VectorSpace(count: parameters.count, workspace: workspace)
    optimizer = Adam(learningRate: 0)
    gradients = (0..<options.batch).map { [space] _ in space.take() }
    (input, picture, upstream) = (
      FloatBuffer(count: 3 * side * side), FloatBuffer(count: 3 * side * side),
      FloatBuffer(count: 3 * side * side)
    )
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
    let (losses, gradient) = differentiate(samples, step: step)
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
  package func differentiate(_ samples: [[Float]], step: Int) -> (
    losses: Losses, gradient: FloatBuffer
  ) {
    let losses = samples.indices.map { index in
      differentiate(
        samples[index], style: style(ofSample: step * options.batch + index),
        into: gradients[index])
    }
    sumGradients()
    return (Losses(meanOf: losses), gradients[0])
  }

  /// The style that a sample draws.
  private func style(ofSample number: Int) -> Int {
    guard styles.count > 1 else { return 0 }
    var random = SeededGenerator(
      seed: UInt64(options.seed) &* 0x9e6c_63d0_676a_9a99 &+ UInt64(number) << 20)
    return Int.random(in: styles.indices, using: &random)
  }

  /// The weights of the network, by their names.
  var weights: [String: Tensor] { trained.weights(parameters) }

  /// The losses of a sample, with the gradient with respect to the parameters.
  private func differentiate(
    _ sample: [Float], style: Int, into gradient: FloatBuffer
  ) -> Losses {
    let white = transformer.architecture.output.white
    sample.withUnsafeBufferPointer { content.forward($0.baseAddress!) }
    objective.setPhoto(content)
    objective.setStyle(styles[style])
    executor.rows = .row(trained.keptStyles + style)
    for (index, value) in sample.enumerated() { input.pointer[index] = value * white }
    executor.forward(input.pointer)
    let output = executor.map(transformer.output)
    let factor = trained.outputScale / white
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
