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
  private let collective: any Collective
  /// The samples of a batch that this process computes.
  package let share: Range<Int>
  private let executor: CPUExecutor
  private let content: FeatureExtractor
  private let objective: Objective
  private let trained: TrainedNetwork
  private let styles: [Objective.PreparedStyle]
  /// The weighted style loss, in parts of the content's energy, above which it grows like its root.
  package var styleThreshold: Double
  /// The gradient of each sample of the share.
  private let gradients: [Int: FloatBuffer]
  /// The sum of all gradients, or a part of it from another process.
  private let received: FloatBuffer
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
  ///   - collective: the processes that share each batch.
  /// - Throws: `SettingError`, `NetworkError` and `ModelFileError`.
  package init(
    _ options: TrainingOptions, styles: [StyleTarget], start: TrainingStart? = nil,
    network: FeatureNetwork, workspace: Workspace, collective: any Collective = SingleProcess()
  ) throws {
    self.options = options
    self.collective = collective
    share = collective.share(of: options.batch, rank: collective.rank)
    let side = options.size
    trained = TrainedNetwork(options, styles: styles.count, start: start)
    transformer = ResidualTransformer(trained.architecture, height: side, width: side)
    parameters = ParameterVector(transformer.graph)
    if options.precision == .fast { parameters.precision = .low }
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
    styleThreshold = start == nil ? Self.styleThresholdOfRandomWeights : .infinity
    space = VectorSpace(count: parameters.count, workspace: workspace)
    optimizer = Adam(learningRate: 0)
    gradients = Dictionary(
      uniqueKeysWithValues: share.map { [space] in ($0, space.take()) })
    received = space.take()
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
  ///   - samples: the share's, `[size, size, 3]` each, 0...1.
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

  /// The style loss of random weights is hundreds of times its final value. Without a limit, the first
  /// steps lead to a network that paints the style and loses the photo.
  private static let styleThresholdOfRandomWeights = 0.1

  /// The mean losses of a batch, and their gradient with respect to the parameters, which is valid
  /// until the next call.
  ///
  /// - Parameter samples: those of the share, in order.
  package func differentiate(_ samples: [[Float]], step: Int) -> (
    losses: Losses, gradient: FloatBuffer
  ) {
    let losses = zip(share, samples).map { index, sample in
      differentiate(
        sample, style: style(ofSample: step * options.batch + index), into: gradients[index]!)
    }
    return (meanLosses(losses), sumOfGradients())
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
    if styleThreshold < .infinity, options.contentWeight > 0, options.styleWeight > 0 {
      objective.styleThreshold = styleThreshold * objective.contentEnergy / options.styleWeight
    }
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

  /// The mean of all samples' gradients, as a tree of sums of two. The tree depends on the batch only,
  /// so the processes that share it do not change a bit.
  private func sumOfGradients() -> FloatBuffer {
    let batch = options.batch
    var distance = 1
    while distance < batch {
      for index in stride(from: 0, to: batch - distance, by: 2 * distance) {
        let (owner, other) = (
          collective.owner(of: index, in: batch), collective.owner(of: index + distance, in: batch)
        )
        if owner == collective.rank {
          let source = gradients[index + distance] ?? received
          if other != owner { collective.receive(source.bytes, from: other) }
          let (target, addend) = (gradients[index]!.pointer, source.pointer)
          space.forRanges { for i in $0 { target[i] += addend[i] } }
        } else if other == collective.rank {
          collective.send(UnsafeRawBufferPointer(gradients[index + distance]!.bytes), to: owner)
        }
      }
      distance *= 2
    }
    let (target, factor) = (received.pointer, 1 / Float(batch))
    if let sum = gradients[0]?.pointer {
      space.forRanges { for i in $0 { target[i] = sum[i] * factor } }
    }
    collective.broadcast(received.bytes)
    return received
  }

  /// The mean losses of all samples, from those of the share.
  private func meanLosses(_ own: [Losses]) -> Losses {
    guard collective.count > 1 else { return Losses(meanOf: own) }
    let length = own[0].values.count
    var values = own.flatMap(\.values)
    for rank in 1..<collective.count {
      let count = length * collective.share(of: options.batch, rank: rank).count
      if collective.rank == 0 {
        var others = [Double](repeating: 0, count: count)
        others.withUnsafeMutableBytes { collective.receive($0, from: rank) }
        values += others
      } else if collective.rank == rank {
        values.withUnsafeBytes { collective.send($0, to: 0) }
      }
    }
    if collective.rank > 0 { values = [Double](repeating: 0, count: length * options.batch) }
    values.withUnsafeMutableBytes { collective.broadcast($0) }
    return Losses(
      meanOf: (0..<options.batch).map {
        Losses(Array(values[$0 * length..<($0 + 1) * length]), like: own[0])
      })
  }
}

extension FloatBuffer {
  /// The memory as bytes.
  fileprivate var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: pointer, count: count))
  }
}

extension Losses {
  private var sortedContent: [Layer] { contentLayers.keys.sorted { $0.index < $1.index } }
  private var sortedStyle: [Layer] { styleLayers.keys.sorted { $0.index < $1.index } }

  /// All values in a fixed order.
  fileprivate var values: [Double] {
    [total, content, style, totalVariation] + sortedContent.map { contentLayers[$0]! }
      + sortedStyle.map { styleLayers[$0]! }
  }

  /// The losses of values in the order of `values`, with the layers of others.
  fileprivate init(_ values: [Double], like other: Losses) {
    self = other
    (total, content, style, totalVariation) = (values[0], values[1], values[2], values[3])
    for (layer, value) in zip(other.sortedContent, values.dropFirst(4)) {
      contentLayers[layer] = value
    }
    for (layer, value) in zip(other.sortedStyle, values.suffix(other.styleLayers.count)) {
      styleLayers[layer] = value
    }
  }
}
