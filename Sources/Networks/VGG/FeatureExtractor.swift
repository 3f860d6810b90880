import Engine
import Files

/// Runs a network forward to chosen layers, and gradients back to the picture,
/// for pictures of one size.
///
/// All memory is planned here: a run allocates nothing. Of maps that nobody asked
/// for, only one bit a value is kept for the way back.
package final class FeatureExtractor {
  private let network: FeatureNetwork
  private let steps: [FeatureStep]
  private let picture: MapShape
  private let workspace: Workspace
  /// The network's input, if the first step is not the first block, which makes its own.
  private let input: FloatBuffer?
  /// Each step's map.
  private let maps: [FloatBuffer]
  /// Each step's gradient with respect to its map, or before its ReLU if it has one.
  private let gradients: [FloatBuffer]
  private let preactivations: [Layer: FloatBuffer]
  private let grams: [Layer: GramMatrix]
  /// Is told how long each step took, if it is set.
  package var observer: ((StepTime) -> Void)?

  /// How long one step took.
  package struct StepTime {
    package enum Part: Sendable {
      case forward, gram, backward
    }

    /// The layer that the step ends at.
    package let layer: Layer
    package let part: Part
    package let duration: Duration
  }

  /// Prepares a network up to the deepest layer that is asked for.
  ///
  /// - Parameters:
  ///   - features: layers whose maps are to be read.
  ///   - grams: layers whose Gram matrices are.
  ///   - hasGradient: whether `backward` will be used; without it the
  ///     backward weights are not prepared.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError` of
  ///   the weights.
  package init(
    network: FeatureNetwork, height: Int, width: Int, features: Set<Layer> = [],
    grams: Set<Layer> = [], hasGradient: Bool, workspace: Workspace
  ) throws {
    let taps = features.union(grams)
    precondition(!taps.isEmpty)
    try network.architecture.checkSize(width: width, height: height, for: taps)
    self.network = network
    self.workspace = workspace
    picture = MapShape(height: height, width: width, channels: 3)
    steps = try FeaturePlan(
      network, picture: picture, features: features, grams: grams, hasGradient: hasGradient,
      workspace: workspace
    ).steps
    (maps, gradients) = Self.buffers(of: steps, features: features, hasGradient: hasGradient)
    if case .firstBlock = steps[0].operation {
      input = nil
    } else {
      input = FloatBuffer(count: picture.count)
    }
    preactivations = Dictionary(
      uniqueKeysWithValues: steps.compactMap { step in
        step.preactivation.map { ($0, FloatBuffer(count: step.shape.count)) }
      })
    self.grams = Dictionary(
      uniqueKeysWithValues: grams.map {
        ($0, GramMatrix(channels: $0.channels, kernels: workspace.kernels))
      })
  }

  /// The memory of all maps and gradients. Time is counted in steps: forward from 0 on,
  /// and back again.
  private static func buffers(of steps: [FeatureStep], features: Set<Layer>, hasGradient: Bool)
    -> (maps: [FloatBuffer], gradients: [FloatBuffer])
  {
    let end = 2 * steps.count
    var plan = BufferPlan()
    let numbers = steps.enumerated().map { index, step in
      let count = step.shape.count
      let isKept = (hasGradient && step.isInPlace) || features.contains(step.layer)
      let map = plan.add(count: count, moments: index...(isKept ? end : index + 1))
      guard hasGradient, !step.isInPlace else { return (map, map) }
      // Written by the step after it, read by its own.
      return (map, plan.add(count: count, moments: end - 2 - index...end - 1 - index))
    }
    let buffers = plan.buffers()
    return (numbers.map { buffers[$0.0] }, numbers.map { buffers[$0.1] })
  }

  // MARK: Forward

  /// Computes the features and Gram matrices of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, 0…1.
  package func forward(_ image: UnsafePointer<Float>) {
    var source = image
    var shape = picture
    if let input {
      preprocess(image, into: input.pointer)
      source = UnsafePointer(input.pointer)
    }
    for (index, step) in steps.enumerated() {
      let map = maps[index].pointer
      measured(step, .forward) { stepForward(index, source, shape) }
      if let gram = grams[step.layer] {
        measured(step, .gram) {
          gram.update(map, positions: step.shape.positions, workspace: workspace)
        }
      }
      source = UnsafePointer(map)
      shape = step.shape
    }
  }

  /// Computes a step's map from the one before it.
  private func stepForward(_ index: Int, _ source: UnsafePointer<Float>, _ shape: MapShape) {
    let (step, map) = (steps[index], maps[index].pointer)
    switch step.operation {
    case .firstBlock(let block, let bits):
      block.forward(
        source, height: shape.height, width: shape.width, pooling: network.pooling, into: map,
        bits, gram: grams[firstRelu])
    case .convolution(let layer, let signs):
      convolve(layer, source, shape, into: map, step, signs)
    case .pooledConvolution(let layer, let bits):
      layer.forward(
        .map(source), shape,
        into: .pooled(map, bits, network.pooling, bias: layer.bias.pointer), workspace: workspace)
    case .pooling:
      network.pooling.forward(
        source, shape, roundingUp: network.poolingRoundsUp, into: map, workspace: workspace)
    }
  }

  /// relu1_1, whose Gram matrix the first block makes.
  private var firstRelu: Layer { network.architecture.layers[1] }

  private func measured(_ step: FeatureStep, _ part: StepTime.Part, _ body: () -> Void) {
    guard let observer else { return body() }
    let duration = ContinuousClock().measure(body)
    observer(StepTime(layer: step.layer, part: part, duration: duration))
  }

  /// The features at a layer that was asked for, after `forward` and before `backward`.
  package func features(_ layer: Layer) -> FeatureMap {
    for (index, step) in steps.enumerated() {
      if step.layer == layer { return FeatureMap(values: maps[index].pointer, shape: step.shape) }
      if step.preactivation == layer {
        return FeatureMap(values: preactivations[layer]!.pointer, shape: step.shape)
      }
    }
    preconditionFailure("\(layer) is not one of the extractor's layers.")
  }

  /// The Gram matrix of a layer that was asked for, after `forward`.
  package func gram(_ layer: Layer) -> GramMatrix { grams[layer]! }

  /// The number of positions of the map at a layer.
  package func positions(_ layer: Layer) -> Int {
    steps.first { $0.layer == layer || $0.preactivation == layer }?.shape.positions
      ?? (picture.height / layer.stride) * (picture.width / layer.stride)
  }

  private func preprocess(_ image: UnsafePointer<Float>, into input: UnsafeMutablePointer<Float>) {
    let (scale, mean) = (network.preprocessing.scale, network.preprocessing.mean)
    workspace.parallelRanges(picture.positions, length: 1 << 14) { range in
      for position in range {
        for channel in 0..<3 {
          input[3 * position + channel] =
            scale[channel] * image[3 * position + channel] - mean[channel]
        }
      }
    }
  }

  private func convolve(
    _ layer: ConvolutionLayer, _ source: UnsafePointer<Float>, _ shape: MapShape,
    into map: UnsafeMutablePointer<Float>, _ step: FeatureStep, _ signs: SignBits?
  ) {
    var ending = Epilogue(bias: layer.bias.pointer, relu: true, signs: signs)
    guard let preactivation = step.preactivation else {
      layer.forward(.map(source), shape, into: .map(map, ending), workspace: workspace)
      return
    }
    ending.relu = false
    let before = preactivations[preactivation]!.pointer
    layer.forward(.map(source), shape, into: .map(before, ending), workspace: workspace)
    grams[preactivation]?.update(before, positions: step.shape.positions, workspace: workspace)
    workspace.parallelRanges(step.shape.count, length: 1 << 16) { range in
      for i in range { map[i] = max(before[i], 0) }
    }
  }

  // MARK: Backward

  /// Computes the gradient with respect to the picture; `forward` came right before, with
  /// the same picture.
  ///
  /// - Parameters:
  ///   - losses: the gradient that a loss has with respect to each layer's map.
  ///   - imageGradient: receives `[height, width, 3]`.
  package func backward(
    _ losses: [Layer: LocalGradient], of image: UnsafePointer<Float>,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    startBackward(losses)
    for index in steps.indices.dropFirst().reversed() {
      measured(steps[index], .backward) { stepBack(index, losses) }
    }
    measured(steps[0], .backward) { finishBackward(losses, image, into: imageGradient) }
  }

  /// Takes the gradient of the first step's map to the picture.
  private func finishBackward(
    _ losses: [Layer: LocalGradient], _ image: UnsafePointer<Float>,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    let gradient = gradients[0].pointer
    switch steps[0].operation {
    case .firstBlock(let block, let bits):
      block.backward(
        gradient, bits, pooling: network.pooling, gramFactor: losses[firstRelu]?.matrix, image,
        height: picture.height, width: picture.width, into: imageGradient)
    case .convolution(let layer, _):
      layer.backward!(
        .map(gradient), steps[0].shape, into: .map(imageGradient, Epilogue()), workspace: workspace)
    case .pooledConvolution, .pooling:
      preconditionFailure("A network begins with a convolution, which cannot pool.")
    }
    let scale = network.preprocessing.scale
    workspace.parallelRanges(picture.positions, length: 1 << 14) { range in
      for position in range {
        for channel in 0..<3 { imageGradient[3 * position + channel] *= scale[channel] }
      }
    }
  }

  /// Takes the gradient of a step's map to the map before it.
  private func stepBack(_ index: Int, _ losses: [Layer: LocalGradient]) {
    let (step, below) = (steps[index], steps[index - 1])
    let (gradient, target) = (gradients[index].pointer, gradients[index - 1].pointer)
    let ending = ending(index - 1, losses)
    switch step.operation {
    case .convolution(let layer, _):
      layer.backward!(
        .map(gradient), step.shape, into: .map(target, ending), workspace: workspace)
    case .pooledConvolution(let layer, let bits):
      // The convolution kept the size of the map below; the pooling halved it.
      var shape = below.shape
      shape.channels = step.shape.channels
      layer.backward!(
        .unpooled(gradient, bits, network.pooling), shape, into: .map(target, ending),
        workspace: workspace)
    case .pooling:
      network.pooling.backward(
        gradient, replacing: target, below.shape, roundingUp: network.poolingRoundsUp,
        adding: ending.gradient?.0, workspace: workspace)
    case .firstBlock: preconditionFailure("The first block is the first step.")
    }
    addPreactivationGradient(index - 1, losses)
  }

  /// What is to be done with a gradient that arrives at a step's map: the loss at the map
  /// adds its own, and the ReLU lets through what it let through on the way forward.
  private func ending(_ index: Int, _ losses: [Layer: LocalGradient]) -> Epilogue {
    let step = steps[index]
    let map = UnsafePointer(maps[index].pointer)
    var ending = Epilogue(gradient: losses[step.layer].map { ($0, map) })
    if case .convolution(_, let signs) = step.operation {
      ending.mask = signs.map { .bits($0) } ?? .positive(map)
    }
    return ending
  }

  /// Puts the gradient of the deepest map, that of its loss alone, in its place.
  private func startBackward(_ losses: [Layer: LocalGradient]) {
    let index = steps.count - 1
    let (shape, gradient) = (steps[index].shape, gradients[index].pointer)
    let ending = ending(index, losses)
    let block = max(1, 1 << 15 / shape.channels)
    workspace.parallel(
      (shape.positions + block - 1) / block, scratch: 2 * block * shape.channels
    ) { part, values in
      let range = part * block..<min(shape.positions, (part + 1) * block)
      let count = range.count * shape.channels
      values.update(repeating: 0, count: count)
      ending.apply(
        to: values, at: range, channels: shape.channels,
        scratch: values + block * shape.channels, kernels: workspace.kernels)
      (gradient + range.lowerBound * shape.channels).update(from: values, count: count)
    }
    addPreactivationGradient(index, losses)
  }

  private func addPreactivationGradient(_ index: Int, _ losses: [Layer: LocalGradient]) {
    guard let layer = steps[index].preactivation, let loss = losses[layer] else { return }
    let (shape, gradient) = (steps[index].shape, gradients[index].pointer)
    let map = preactivations[layer]!.pointer
    workspace.parallelRanges(shape.positions, length: max(1, 1 << 15 / shape.channels)) { range in
      loss.write(
        at: range, of: map, channels: shape.channels,
        to: gradient + range.lowerBound * shape.channels, adding: true, kernels: workspace.kernels)
    }
  }
}
