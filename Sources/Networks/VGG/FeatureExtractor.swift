import Engine

/// Computes a VGG network's layers for pictures of one size, and takes gradients at the layers
/// back to the picture.
///
/// All memory is planned here: a run allocates nothing.
package final class FeatureExtractor {
  private let network: FeatureNetwork
  private let executor: CPUExecutor
  private var vgg: VGGGraph { network.vgg }

  /// Receives the duration of each step, if it is set.
  package var observer: ((LayerTime) -> Void)? {
    didSet {
      guard let observer else {
        executor.observer = nil
        return
      }
      executor.observer = { [vgg] step in
        vgg[step.output].map {
          observer(LayerTime(layer: $0, part: step.part, duration: step.duration))
        }
      }
    }
  }

  /// How long the step took that ends at a layer.
  package struct LayerTime {
    package let layer: Layer
    package let part: StepTime.Part
    package let duration: Duration
  }

  /// Prepares a network up to the deepest layer that is asked for.
  ///
  /// - Parameters:
  ///   - features: the layers whose maps are read.
  ///   - grams: the layers whose Gram matrices are computed.
  ///   - hasGradient: whether `backward` is used; without it the backward weights are not
  ///     prepared.
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
    let vgg = network.vgg
    let plan = try Plan(
      vgg.graph,
      inputs: [vgg.picture: MapShape(height: height, width: width, channels: 3)],
      features: Set(features.map { vgg[$0] }), grams: Set(grams.map { vgg[$0] }),
      gradients: hasGradient ? .inputs : [], kernels: workspace.kernels)
    executor = try CPUExecutor(plan, source: network, workspace: workspace)
  }

  /// Computes the features and Gram matrices of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, 0…1.
  package func forward(_ image: UnsafePointer<Float>) { executor.forward(image) }

  /// The features at a layer that was asked for, after `forward` and before `backward`.
  package func features(_ layer: Layer) -> FeatureMap {
    FeatureMap(values: executor.map(vgg[layer]), shape: executor.shape(of: vgg[layer]))
  }

  /// The Gram matrix of a layer that was asked for, after `forward`.
  package func gram(_ layer: Layer) -> GramMatrix { executor.gram(vgg[layer]) }

  /// The number of positions of the map at a layer.
  package func positions(_ layer: Layer) -> Int { executor.shape(of: vgg[layer]).positions }

  /// Computes the gradient with respect to the picture, after `forward` with the same picture.
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
