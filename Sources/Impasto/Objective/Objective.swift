import Engine
import Files
import Networks

/// The objective of a transfer as a function of a picture's pixels: the weighted sum of content
/// loss, style loss and total variation.
///
/// It is equation 7 of Gatys, Ecker and Bethge (2015) plus total variation. An objective owns the
/// engine's memory for one picture size. Only one thread may use it at a time.
public final class Objective {
  /// The weights of the three losses, in the objective's normalization.
  public struct Weights: Sendable, Hashable {
    /// The weight of the content loss, α in the paper.
    public var content: Double
    /// The weight of the style loss, β in the paper.
    public var style: Double
    /// The weight of total variation, which is not in the paper.
    public var totalVariation: Double

    /// Makes weights, each at least 0.
    public init(content: Double, style: Double, totalVariation: Double) {
      self.content = content
      self.style = style
      self.totalVariation = totalVariation
    }
  }

  /// The weights of the three losses.
  public let weights: Weights
  /// The divisors of the sums in the losses.
  public let normalization: Normalization
  /// The height in pixels of the pictures to evaluate.
  public let height: Int
  /// The width in pixels of the pictures to evaluate.
  public let width: Int
  private let extractor: FeatureExtractor
  /// Whether the extractor still holds the features of the photo, from `init`.
  private var hasPhotoFeatures: Bool
  /// Each content layer's loss with its scale, and with the layer's factor in the content loss.
  private var content: [(loss: ContentLoss, scale: Double, factor: Double)]
  private var style: PreparedStyle
  private let network: FeatureNetwork
  private let styleLoss: StyleLoss
  private let variation: TotalVariation
  private let workspace: Workspace
  private let arithmetic: VectorArithmetic
  private var huber = HuberLoss()
  /// The temporal loss of a film's picture; nil for a picture by itself.
  package var temporal: TemporalLoss?

  /// The Huber threshold of the style loss.
  ///
  /// Above it, gradients and `minimized` use the smooth continuation by the square root. The values
  /// in `Losses` are never transformed.
  package var styleThreshold: Double {
    get { huber.threshold }
    set { huber.threshold = newValue }
  }

  /// An optional callback that receives the duration of each step of the network.
  package var observer: ((FeatureExtractor.LayerTime) -> Void)? {
    get { extractor.observer }
    set { extractor.observer = newValue }
  }

  /// Prepares the objective for a photo and a style. Terms with weight 0 are skipped.
  ///
  /// - Parameters:
  ///   - photo: `[height, width, 3]`, 0…1; the pictures to evaluate have the same size.
  ///   - visible: the part of the photo that content and style are compared in, at the photo's
  ///     size; nil for all of it.
  ///   - styleLoss: the distance of the picture's features from the painting's.
  ///   - hasGradient: whether gradients will be computed.
  ///   - threads: the number of threads, at least 1; nil for all available processors.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError` if the
  ///   weights cannot be read.
  public convenience init(
    photo: Tensor, visible: Mask? = nil, contentLayers: LayerWeights, style: StyleTarget,
    weights: Weights, styleLoss: StyleLoss = .wasserstein, normalization: Normalization = .relative,
    network: FeatureNetwork, hasGradient: Bool = true, threads: Int? = nil
  ) throws {
    try self.init(
      photo: photo, visible: visible, contentLayers: contentLayers, style: [StyleRegion(style)],
      weights: weights, styleLoss: styleLoss, normalization: normalization, network: network,
      hasGradient: hasGradient, threads: threads)
  }

  /// Prepares the objective for a photo whose regions have different styles.
  ///
  /// - Parameters:
  ///   - photo: `[height, width, 3]`, 0…1; the pictures to evaluate have the same size.
  ///   - visible: the part of the photo that content and style are compared in, at the photo's
  ///     size; nil for all of it.
  ///   - styleLoss: the distance of the picture's features from the painting's.
  ///   - hasGradient: whether gradients will be computed.
  ///   - threads: the number of threads, at least 1; nil for all available processors.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError` if the
  ///   weights cannot be read.
  public convenience init(
    photo: Tensor, visible: Mask? = nil, contentLayers: LayerWeights, style: [StyleRegion],
    weights: Weights, styleLoss: StyleLoss = .wasserstein, normalization: Normalization = .relative,
    network: FeatureNetwork, hasGradient: Bool = true, threads: Int? = nil
  ) throws {
    try self.init(
      photo: photo, visible: visible, contentLayers: contentLayers, style: style, weights: weights,
      styleLoss: styleLoss, normalization: normalization, network: network,
      hasGradient: hasGradient, workspace: Workspace(kernels: .chosen(), threads: threads))
  }

  package init(
    photo: Tensor, visible: Mask? = nil, contentLayers: LayerWeights, style: [StyleRegion],
    weights: Weights, styleLoss: StyleLoss, normalization: Normalization, network: FeatureNetwork,
    hasGradient: Bool, workspace: Workspace
  ) throws {
    self.weights = weights
    self.normalization = normalization
    (self.network, self.styleLoss) = (network, styleLoss)
    self.workspace = workspace
    arithmetic = VectorArithmetic(workspace: workspace)
    (height, width) = (photo.shape[0], photo.shape[1])
    variation = TotalVariation(height: height, width: width)
    let regions = weights.style > 0 ? style : []
    // The extractor needs at least one layer, whatever the weights are.
    let contentShares = weights.content > 0 || regions.isEmpty ? contentLayers.shares : []
    let styleLayers = Set(regions.flatMap { $0.target.layers.shares.map(\.layer) })
    // The extractor only computes one Gram matrix per layer, of the whole picture.
    let isGuided = visible != nil || regions.count > 1 || regions.contains { $0.mask != nil }
    let extractor = try FeatureExtractor(
      network: network, height: height, width: width,
      features: Set(contentShares.map(\.layer)).union(isGuided ? styleLayers : []),
      grams: isGuided ? [] : styleLayers,
      hasGradient: hasGradient, workspace: workspace)
    self.extractor = extractor
    photo.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    hasPhotoFeatures = true
    content = contentShares.compactMap { [arithmetic] share in
      let guide = visible.flatMap { Self.guide($0.values, share.layer, network) }
      guard visible == nil || guide != nil else { return nil }
      let loss = ContentLoss(
        layer: share.layer, target: extractor.features(share.layer), guide: guide)
      return (
        loss, loss.scale(extractor, normalization, arithmetic),
        normalization.factor(of: share, in: contentLayers)
      )
    }
    let whole = isGuided ? visible?.values ?? Tensor(shape: [height, width], repeating: 1) : nil
    self.style = PreparedStyle(
      layers: regions.flatMap { region in
        Self.styleLosses(
          region, mask: region.mask?.intersection(visible).values ?? whole, network, normalization,
          styleLoss, workspace)
      })
  }

  /// Replaces the photo whose content is compared.
  ///
  /// - Parameter features: an extractor that ran on the new photo, which has the same size, and has
  ///   the content layers' features.
  package func setPhoto(_ features: FeatureExtractor) {
    for index in content.indices {
      let loss = content[index].loss
      loss.setTarget(features.features(loss.layer))
      content[index].scale = loss.scale(features, normalization, arithmetic)
    }
    hasPhotoFeatures = false
  }

  fileprivate typealias LayerLoss = (
    loss: any LayerStyleLoss, share: Double, scale: Double, factor: Double
  )

  /// The losses of styles, ready for `setStyle`.
  package struct PreparedStyle {
    /// Each region's loss at each layer with its share of the layer's loss and its scale, and with
    /// the layer's factor in the style loss.
    fileprivate let layers: [LayerLoss]
  }

  /// Prepares a style for pictures without regions.
  ///
  /// - Parameter target: a style with the layers of the objective's first one.
  package func prepared(_ target: StyleTarget) -> PreparedStyle {
    PreparedStyle(
      layers: weights.style > 0
        ? Self.styleLosses(
          StyleRegion(target), mask: nil, network, normalization, styleLoss, workspace) : [])
  }

  /// Replaces the style.
  package func setStyle(_ style: PreparedStyle) { self.style = style }

  /// A mask at the positions of a layer; nil if it is zero at all of them.
  private static func guide(_ mask: Tensor, _ layer: Layer, _ network: FeatureNetwork)
    -> GuidanceChannel?
  {
    GuidanceChannel(mask: mask, stride: layer.stride, roundingUp: network.poolingRoundsUp)
  }

  /// The losses of a region at its layers, except those where its mask is empty.
  ///
  /// - Parameter mask: the region, at the picture's size; nil for the whole picture.
  private static func styleLosses(
    _ region: StyleRegion, mask: Tensor?, _ network: FeatureNetwork,
    _ normalization: Normalization, _ kind: StyleLoss, _ workspace: Workspace
  ) -> [LayerLoss] {
    let layers = region.target.layers
    return layers.shares.compactMap { share in
      let guide = mask.flatMap { Self.guide($0, share.layer, network) }
      guard mask == nil || guide != nil else { return nil }
      let loss = kind.loss(
        of: share.layer, target: region.target.statistics[share.layer]!, guide: guide,
        workspace: workspace)
      return (
        loss, region.weight * (guide?.share ?? 1), normalization.scale(of: loss.term),
        normalization.factor(of: share, in: layers)
      )
    }
  }

  /// Computes the losses of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, dense, normally 0…1; other values are allowed.
  public func losses(_ image: [Float]) -> Losses {
    precondition(image.count == height * width * 3)
    return image.withUnsafeBufferPointer {
      forward($0.baseAddress!)
      return evaluate($0.baseAddress!)
    }
  }

  /// Computes the losses of a picture and the gradient of their weighted sum with respect to it.
  ///
  /// - Parameters:
  ///   - image: `[height, width, 3]`, dense, normally 0…1; other values are allowed.
  ///   - gradient: receives the gradient; must have the length of `image`.
  public func losses(_ image: [Float], gradient: inout [Float]) -> Losses {
    precondition(image.count == height * width * 3 && gradient.count == image.count)
    return image.withUnsafeBufferPointer { image in
      gradient.withUnsafeMutableBufferPointer { gradient in
        losses(image.baseAddress!, gradient: gradient.baseAddress!)
      }
    }
  }

  /// Computes the losses and the gradient of a picture in the engine's memory.
  package func losses(
    _ image: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Losses {
    forward(image)
    let losses = evaluate(image)
    differentiate(losses, image, into: gradient)
    return losses
  }

  /// Computes the losses and the gradient of the photo, from the features that `init` computed for
  /// the content target.
  ///
  /// - Precondition: this is the first evaluation of the objective.
  package func lossesOfPhoto(
    _ photo: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Losses {
    precondition(hasPhotoFeatures, "The extractor no longer holds the photo's features.")
    // The backward pass overwrites the features.
    hasPhotoFeatures = false
    let losses = evaluate(photo)
    differentiate(losses, photo, into: gradient)
    return losses
  }

  private func forward(_ image: UnsafePointer<Float>) {
    hasPhotoFeatures = false
    extractor.forward(image)
  }

  /// The value that gradients belong to: the weighted sum of the losses, with the Huber-style
  /// transform of the style loss.
  package func minimized(_ losses: Losses) -> Double {
    losses.total - weights.style * (losses.style - huber.value(losses.style))
  }

  /// The weighted content loss of a picture whose features are all zero.
  package var contentEnergy: Double {
    content.reduce(0) { sum, layer in
      sum + weights.content * layer.factor * layer.scale * layer.loss.energy(arithmetic)
    }
  }

  /// The losses of the picture that the extractor last ran on.
  private func evaluate(_ image: UnsafePointer<Float>) -> Losses {
    var losses = Losses(
      total: 0, content: 0, style: 0, totalVariation: 0, contentLayers: [:], styleLayers: [:])
    for (loss, scale, factor) in content where weights.content > 0 {
      let value = scale * loss.value(extractor.features(loss.layer), arithmetic)
      losses.contentLayers[loss.layer] = value
      losses.content += factor * value
    }
    for (loss, share, scale, factor) in style.layers {
      let value = share * scale * loss.value(gram(of: loss), workspace)
      losses.styleLayers[loss.layer, default: 0] += value
      losses.style += factor * value
    }
    losses.totalVariation = variationScale * variation.value(image, arithmetic)
    losses.total =
      weights.content * losses.content + weights.style * losses.style
      + weights.totalVariation * losses.totalVariation
    if let temporal {
      losses.temporal = temporal.value(image, arithmetic)
      losses.total += temporal.weight * losses.temporal
    }
    return losses
  }

  /// The Gram matrix of a loss. That of a region is computed here.
  private func gram(of loss: any LayerStyleLoss) -> GramMatrix {
    guard let region = loss.region else { return extractor.gram(loss.layer) }
    region.gram.update(
      extractor.features(loss.layer).values, positions: extractor.positions(loss.layer),
      guide: region.guide, workspace: workspace)
    return region.gram
  }

  private func differentiate(
    _ losses: Losses, _ image: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    let styleWeight = weights.style * huber.slope(losses.style)
    var gradients: [Layer: LocalGradient] = [:]
    for (loss, scale, factor) in content {
      gradients[loss.layer] = loss.gradient(scale: Float(weights.content * factor * scale))
    }
    for (loss, share, scale, factor) in style.layers {
      let statistics = loss.gradient(
        loss.region?.gram ?? extractor.gram(loss.layer),
        positions: extractor.positions(loss.layer),
        scale: Float(styleWeight * share * factor * scale), workspace: workspace)
      if let region = loss.region {
        gradients[loss.layer, default: LocalGradient()].regions.append((statistics, region.guide))
      } else {
        gradients[loss.layer, default: LocalGradient()].statistics = statistics
      }
    }
    extractor.backward(gradients, of: image, into: gradient)
    if weights.totalVariation != 0 {
      variation.addGradient(
        image, scale: Float(weights.totalVariation * variationScale), to: gradient, workspace)
    }
    temporal?.addGradient(image, to: gradient, workspace)
  }

  private var variationScale: Double {
    normalization.scale(of: .totalVariation(pixels: height * width))
  }
}
