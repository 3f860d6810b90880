import Tensors

/// Runs a network forward to chosen layers, and gradients back to the picture,
/// for pictures of one size.
///
/// All memory is planned here: a run allocates nothing. On the way back the
/// gradient of a feature map takes the place of the map, since by then the map
/// was used for the last time.
package final class FeatureExtractor {
  /// The layers whose features can be read and given a gradient.
  package let taps: Set<Layer>
  private let network: FeatureNetwork
  private let steps: [Step]
  private let picture: MapShape
  private let input: FloatBuffer
  private let tapGradient: FloatBuffer
  private let workspace: Workspace

  /// One convolution with its ReLU, or one pooling layer.
  private struct Step {
    /// After the ReLU, or the pooling layer.
    let layer: Layer
    let shape: MapShape
    /// The layer's output, later its gradient; for a convolution, the gradient before the ReLU.
    let map: FloatBuffer
    /// The tap before the ReLU, with its features.
    let preactivation: (layer: Layer, map: FloatBuffer)?
    let forward: FeatureNetwork.PreparedConvolution?
    let backward: FeatureNetwork.PreparedConvolution?
  }

  /// Prepares a network up to the deepest of `taps`.
  ///
  /// - Parameter hasGradient: whether `backward` will be used; without it the
  ///   backward weights are not prepared.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError` of
  ///   the weights.
  package init(
    network: FeatureNetwork, height: Int, width: Int, taps: Set<Layer>, hasGradient: Bool,
    workspace: Workspace
  ) throws {
    precondition(!taps.isEmpty)
    try network.architecture.checkSize(width: width, height: height, for: taps)
    self.network = network
    self.taps = taps
    self.workspace = workspace
    picture = MapShape(height: height, width: width, channels: 3)
    input = FloatBuffer(count: picture.count)
    steps = try Self.steps(
      of: network, picture: picture, taps: taps, hasGradient: hasGradient, workspace: workspace)
    let tapped = steps.filter { taps.contains($0.layer) || $0.preactivation != nil }
    tapGradient = FloatBuffer(count: hasGradient ? tapped.map(\.shape.count).max()! : 0)
  }

  private static func steps(
    of network: FeatureNetwork, picture: MapShape, taps: Set<Layer>, hasGradient: Bool,
    workspace: Workspace
  ) throws -> [Step] {
    let depth = taps.map(\.index).max()!
    var shape = picture
    var steps: [Step] = []
    // A convolution is one step with its ReLU, which follows it, also where only the
    // values between them are asked for.
    for layer in network.architecture.layers
    where layer.kind != .convolution && layer.index <= depth + (layer.kind == .relu ? 1 : 0) {
      let convolution = layer.kind == .relu ? network.architecture.layers[layer.index - 1] : nil
      if convolution != nil {
        shape.channels = layer.channels
      } else {
        shape = network.pooling.outputShape(of: shape)
      }
      steps.append(
        Step(
          layer: layer, shape: shape, map: FloatBuffer(count: shape.count),
          preactivation: convolution.flatMap {
            taps.contains($0) ? ($0, FloatBuffer(count: shape.count)) : nil
          },
          forward: try convolution.map {
            try network.convolution($0, .forward, workspace: workspace)
          },
          backward: try convolution.flatMap {
            hasGradient ? try network.convolution($0, .backward, workspace: workspace) : nil
          }))
    }
    return steps
  }

  /// Computes the features of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, 0…1.
  package func forward(_ image: UnsafePointer<Float>) {
    preprocess(image)
    var source = UnsafePointer(input.pointer)
    var shape = picture
    for step in steps {
      if let forward = step.forward {
        run(forward, step, source, shape)
      } else {
        network.pooling.forward(source, shape, into: step.map.pointer, workspace: workspace)
      }
      source = UnsafePointer(step.map.pointer)
      shape = step.shape
    }
  }

  /// The features at a tap, after `forward` and before `backward`.
  package func features(_ tap: Layer) -> FeatureMap {
    for step in steps {
      if step.layer == tap { return FeatureMap(values: step.map.pointer, shape: step.shape) }
      if let before = step.preactivation, before.layer == tap {
        return FeatureMap(values: before.map.pointer, shape: step.shape)
      }
    }
    preconditionFailure("\(tap) is not one of the extractor's taps.")
  }

  /// Computes the gradient with respect to the picture; `forward` came right before.
  ///
  /// - Parameters:
  ///   - imageGradient: receives `[height, width, 3]`.
  ///   - addGradient: adds the loss's gradient with respect to a tap's features.
  package func backward(
    into imageGradient: UnsafeMutablePointer<Float>,
    addGradient: (_ tap: Layer, _ features: FeatureMap, _ gradient: UnsafeMutablePointer<Float>) ->
      Void
  ) {
    startBackward(addGradient)
    for index in steps.indices.dropFirst().reversed() {
      let (step, below) = (steps[index], steps[index - 1])
      let addend = gradient(at: below.layer, below.map, below.shape, addGradient)
      if let backward = step.backward {
        let mask = below.forward == nil ? nil : UnsafePointer(below.map.pointer)
        backward.convolution(
          step.map.pointer, step.shape, ending: Epilogue(addend: addend, mask: mask),
          into: below.map.pointer,
          workspace: workspace)
      } else {
        network.pooling.backward(
          step.map.pointer, replacing: below.map.pointer, below.shape, adding: addend,
          workspace: workspace)
      }
      addPreactivationGradient(of: below, addGradient)
    }
    steps[0].backward!.convolution(
      steps[0].map.pointer, steps[0].shape, ending: Epilogue(), into: imageGradient,
      workspace: workspace)
    let scale = network.preprocessing.scale
    for i in 0..<picture.count { imageGradient[i] *= scale }
  }

  private func preprocess(_ image: UnsafePointer<Float>) {
    let (scale, mean) = (network.preprocessing.scale, network.preprocessing.mean)
    for position in 0..<picture.positions {
      for channel in 0..<3 {
        input.pointer[3 * position + channel] =
          scale * image[3 * position + channel] - mean[channel]
      }
    }
  }

  private func run(
    _ prepared: FeatureNetwork.PreparedConvolution, _ step: Step, _ source: UnsafePointer<Float>,
    _ shape: MapShape
  ) {
    guard let (_, map) = step.preactivation else {
      prepared.convolution(
        source, shape, ending: Epilogue(bias: prepared.bias.pointer, relu: true),
        into: step.map.pointer,
        workspace: workspace)
      return
    }
    prepared.convolution(
      source, shape, ending: Epilogue(bias: prepared.bias.pointer), into: map.pointer,
      workspace: workspace)
    for i in 0..<step.shape.count { step.map.pointer[i] = max(map.pointer[i], 0) }
  }

  /// Puts the gradient of the deepest layer in its place.
  private func startBackward(
    _ addGradient: (Layer, FeatureMap, UnsafeMutablePointer<Float>) -> Void
  ) {
    let deepest = steps[steps.count - 1]
    let gradient = gradient(at: deepest.layer, deepest.map, deepest.shape, addGradient)
    let map = deepest.map.pointer
    let isGated = deepest.forward != nil
    for i in 0..<deepest.shape.count { map[i] = isGated && map[i] <= 0 ? 0 : gradient?[i] ?? 0 }
    addPreactivationGradient(of: deepest, addGradient)
  }

  /// The gradient that a loss has right at a layer; nil if the layer has none.
  private func gradient(
    at layer: Layer, _ map: FloatBuffer, _ shape: MapShape,
    _ addGradient: (Layer, FeatureMap, UnsafeMutablePointer<Float>) -> Void
  ) -> UnsafePointer<Float>? {
    guard taps.contains(layer) else { return nil }
    tapGradient.pointer.update(repeating: 0, count: shape.count)
    addGradient(layer, FeatureMap(values: map.pointer, shape: shape), tapGradient.pointer)
    return UnsafePointer(tapGradient.pointer)
  }

  private func addPreactivationGradient(
    of step: Step, _ addGradient: (Layer, FeatureMap, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let (layer, map) = step.preactivation,
      let gradient = gradient(at: layer, map, step.shape, addGradient)
    else { return }
    for i in 0..<step.shape.count { step.map.pointer[i] += gradient[i] }
  }
}
