import Engine
import Files
import Networks
import Pictures

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
  public var weights: Weights { sum.weights }
  /// The divisors of the sums in the losses.
  public var normalization: Normalization { sum.normalization }
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
  private let workspace: Workspace
  private let arithmetic: VectorArithmetic
  package var sum: LossSum

  /// The temporal loss of a film's picture; nil for a picture by itself.
  package var temporal: TemporalLoss? {
    get { sum.temporal }
    set { sum.temporal = newValue }
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
    (self.network, self.styleLoss) = (network, styleLoss)
    self.workspace = workspace
    arithmetic = VectorArithmetic(workspace: workspace)
    (height, width) = (photo.shape[0], photo.shape[1])
    sum = LossSum(
      weights: weights, normalization: normalization,
      size: PixelSize(width: width, height: height))
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
        loss, Self.scale(of: loss, extractor, normalization, arithmetic),
        normalization.factor(of: share, in: contentLayers)
      )
    }
    let whole = isGuided ? visible?.values ?? Tensor(shape: [height, width], repeating: 1) : nil
    self.style = PreparedStyle(
      layers: regions.flatMap { region in
        Self.styleTerms(
          region, mask: region.mask?.intersection(visible).values ?? whole, network, normalization,
          styleLoss, workspace)
      })
  }

  /// The factor of a normalization for a content loss.
  private static func scale(
    of loss: ContentLoss, _ features: FeatureExtractor, _ normalization: Normalization,
    _ arithmetic: VectorArithmetic
  ) -> Double {
    normalization.scale(
      of: .content(
        positions: features.positions(loss.layer), channels: loss.layer.channels,
        energy: loss.energy(arithmetic)))
  }

  /// Replaces the photo whose content is compared.
  ///
  /// - Parameter features: an extractor that ran on the new photo, which has the same size, and has
  ///   the content layers' features.
  package func setPhoto(_ features: FeatureExtractor) {
    for index in content.indices {
      let loss = content[index].loss
      loss.setTarget(features.features(loss.layer))
      content[index].scale = Self.scale(of: loss, features, normalization, arithmetic)
    }
    hasPhotoFeatures = false
  }

  /// A region of the picture at a layer, with its own statistics.
  fileprivate typealias Region = (guide: GuidanceChannel, gram: GramMatrix)

  /// The losses of styles, ready for `setStyle`.
  package struct PreparedStyle {
    /// The terms of all regions, without a region for those of the whole picture, whose statistics the
    /// extractor computes.
    fileprivate let layers: [(term: StyleTerm, region: Region?)]
  }

  /// Prepares a style for pictures without regions.
  ///
  /// - Parameter target: a style with the layers of the objective's first one.
  package func prepared(_ target: StyleTarget) -> PreparedStyle {
    PreparedStyle(
      layers: weights.style > 0
        ? Self.styleTerms(
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

  /// The terms of a region at its layers, except those where its mask is empty.
  ///
  /// - Parameter mask: the region, at the picture's size; nil for the whole picture.
  private static func styleTerms(
    _ region: StyleRegion, mask: Tensor?, _ network: FeatureNetwork,
    _ normalization: Normalization, _ kind: StyleLoss, _ workspace: Workspace
  ) -> [(term: StyleTerm, region: Region?)] {
    region.target.layers.shares.compactMap { share in
      let guide = mask.flatMap { Self.guide($0, share.layer, network) }
      guard mask == nil || guide != nil else { return nil }
      let term = StyleTerm(
        share, of: region, coverage: guide?.share ?? 1, kind, normalization, workspace)
      return (
        term,
        guide.map {
          ($0, GramMatrix(channels: share.layer.channels, kernels: workspace.kernels))
        }
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
    evaluate(image, gradient: gradient, isPhoto: false)
  }

  private func forward(_ image: UnsafePointer<Float>) {
    hasPhotoFeatures = false
    extractor.forward(image)
  }

  /// The losses of the picture that the extractor last ran on.
  private func evaluate(_ image: UnsafePointer<Float>) -> Losses {
    sum.losses(
      content: weights.content > 0
        ? content.map { loss, scale, factor in
          (loss.layer, scale * loss.value(extractor.features(loss.layer), arithmetic), factor)
        } : [],
      style: style.layers.map { term, region in
        (term.layer, term.value(gram(of: term, region), workspace), term.factor)
      }, of: image, arithmetic)
  }

  /// The Gram matrix of a term. That of a region is computed here.
  private func gram(of term: StyleTerm, _ region: Region?) -> GramMatrix {
    guard let region else { return extractor.gram(term.layer) }
    region.gram.update(
      extractor.features(term.layer).values, positions: extractor.positions(term.layer),
      guide: region.guide, workspace: workspace)
    return region.gram
  }

  private func differentiate(
    _ losses: Losses, _ image: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    let slope = sum.styleSlope(losses)
    var gradients: [Layer: LocalGradient] = [:]
    for (loss, scale, factor) in content {
      gradients[loss.layer] = loss.gradient(scale: Float(weights.content * factor * scale))
    }
    for (term, region) in style.layers {
      let layer = term.layer
      let divisor = region?.guide.sumOfSquares ?? Double(extractor.positions(layer))
      let statistics = term.gradient(
        region?.gram ?? extractor.gram(layer), divisor: divisor, slope: slope, workspace)
      if let region {
        gradients[layer, default: LocalGradient()].regions.append((statistics, region.guide))
      } else {
        gradients[layer, default: LocalGradient()].statistics = statistics
      }
    }
    extractor.backward(gradients, of: image, into: gradient)
    sum.addPixelGradient(of: image, to: gradient, workspace)
  }
}

extension Objective: PictureObjective {
  package var contentEnergy: Double {
    content.reduce(0) { sum, layer in
      sum + weights.content * layer.factor * layer.scale * layer.loss.energy(arithmetic)
    }
  }

  /// - Precondition: for the photo, this is the first evaluation; the features are those that `init`
  ///   computed for the content target.
  package func evaluate(
    _ image: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, isPhoto: Bool
  ) -> Losses {
    if isPhoto {
      precondition(hasPhotoFeatures, "The extractor no longer holds the photo's features.")
    } else {
      extractor.forward(image)
    }
    // The backward pass overwrites the features.
    hasPhotoFeatures = false
    let losses = evaluate(image)
    differentiate(losses, image, into: gradient)
    return losses
  }
}
