import Engine

/// Computes the layers of a VGG network for pictures of one size, and backpropagates gradients
/// from the layers to the picture.
///
/// All memory is planned in advance: a run allocates nothing.
package final class FeatureExtractor {
  private let network: FeatureNetwork
  private let executor: CPUExecutor
  private var vgg: VGGGraph { network.vgg }

  /// An optional callback that receives the duration of each step.
  package var observer: ((LayerTime) -> Void)? {
    didSet {
      guard let observer else {
        executor.observer = nil
        return
      }
      executor.observer = { [vgg] step in
        vgg[step.output].map {
          observer(LayerTime(layer: $0, step: step))
        }
      }
    }
  }

  /// The part of each layer that its Gram matrix includes; the whole map for layers without one.
  package var parts: [Layer: MapPart] = [:] {
    didSet {
      executor.parts = Dictionary(uniqueKeysWithValues: parts.map { (vgg[$0.key], $0.value) })
    }
  }

  /// Whether `forward` computes Gram matrices.
  package var computesGrams: Bool {
    get { executor.computesGrams }
    set { executor.computesGrams = newValue }
  }

  /// The duration of the step that ends at a layer.
  package struct LayerTime {
    package let layer: Layer
    package let step: StepTime
  }

  /// Prepares a network up to the deepest requested layer.
  ///
  /// - Parameters:
  ///   - features: the layers whose maps will be read.
  ///   - grams: the layers whose Gram matrices are computed.
  ///   - hasGradient: whether `backward` will be called; otherwise the weights for the backward
  ///     pass are not prepared.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError` if
  ///   the weights cannot be read.
  package init(
    network: FeatureNetwork, height: Int, width: Int, features: Set<Layer> = [],
    grams: Set<Layer> = [], hasGradient: Bool, workspace: Workspace
  ) throws {
    let taps = features.union(grams)
    precondition(!taps.isEmpty)
    try network.architecture.checkSize(width: width, height: height, for: taps)
    self.network = network
    let plan = try Self.plan(
      network, height: height, width: width, features: features, grams: grams,
      hasGradient: hasGradient, kernels: workspace.kernels)
    executor = try CPUExecutor(plan, source: network, workspace: workspace)
  }

  /// The bytes of an extractor's maps, without the weights.
  ///
  /// - Parameters: as in `init`.
  /// - Throws: `NetworkError.pictureTooSmall`.
  package static func bytes(
    network: FeatureNetwork, height: Int, width: Int, features: Set<Layer>, grams: Set<Layer>,
    hasGradient: Bool, kernels: Kernels
  ) throws -> Int {
    try plan(
      network, height: height, width: width, features: features, grams: grams,
      hasGradient: hasGradient, kernels: kernels
    ).bytes
  }

  private static func plan(
    _ network: FeatureNetwork, height: Int, width: Int, features: Set<Layer>, grams: Set<Layer>,
    hasGradient: Bool, kernels: Kernels
  ) throws -> Plan {
    let vgg = network.vgg
    return try Plan(
      vgg.graph,
      inputs: [vgg.picture: MapShape(height: height, width: width, channels: 3)],
      features: Set(features.map { vgg[$0] }), grams: Set(grams.map { vgg[$0] }),
      gradients: hasGradient ? .inputs : [], kernels: kernels)
  }

  /// Computes the features and Gram matrices of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, 0…1.
  package func forward(_ image: UnsafePointer<Float>) { executor.forward(image) }

  /// The features of a requested layer, valid after `forward` and before `backward`.
  package func features(_ layer: Layer) -> FeatureMap {
    FeatureMap(values: executor.map(vgg[layer]), shape: executor.shape(of: vgg[layer]))
  }

  /// The Gram matrix of a requested layer, valid after `forward`.
  package func gram(_ layer: Layer) -> GramMatrix { executor.gram(vgg[layer]) }

  /// The shape of a layer's map.
  package func shape(_ layer: Layer) -> MapShape { executor.shape(of: vgg[layer]) }

  /// The number of positions in a layer's map.
  package func positions(_ layer: Layer) -> Int { executor.shape(of: vgg[layer]).positions }

  /// Computes the gradient with respect to the picture, after `forward` on the same picture.
  ///
  /// - Parameters:
  ///   - losses: the gradient of a loss with respect to each layer's map.
  ///   - imageGradient: receives `[height, width, 3]`.
  package func backward(
    _ losses: [Layer: LocalGradient], of image: UnsafePointer<Float>,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    executor.backward(
      Dictionary(uniqueKeysWithValues: losses.map { (vgg[$0.key], $0.value) }), of: image,
      into: [imageGradient])
  }
}
