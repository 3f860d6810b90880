import Engine
import Files
import Networks

/// What a transfer minimises: the weighted sum of content loss, style loss and
/// total variation (Gatys, Ecker and Bethge 2015, equation 7, with total variation
/// added), as a function of a picture's pixels.
///
/// It owns the engine's memory for one picture size; one thread at a time may use it.
public final class Objective {
  /// The weights of the three losses, in the objective's normalisation.
  public struct Weights: Sendable, Hashable {
    /// The paper's α.
    public var content: Double
    /// The paper's β.
    public var style: Double
    /// The weight of smoothness, which the paper does not have.
    public var totalVariation: Double

    /// Makes weights, each at least 0.
    public init(content: Double, style: Double, totalVariation: Double) {
      self.content = content
      self.style = style
      self.totalVariation = totalVariation
    }
  }

  /// What the three losses are multiplied by.
  public let weights: Weights
  /// What the sums are divided by.
  public let normalization: Normalization
  /// The height of the pictures to evaluate, in pixels.
  public let height: Int
  /// Their width in pixels.
  public let width: Int
  private let extractor: FeatureExtractor
  /// With what each is multiplied by in the content loss.
  private let content: [(loss: ContentLoss, factor: Double)]
  /// With what each is multiplied by in its layer's loss, and that in the style loss.
  private let style: [(loss: StyleLoss, share: Double, factor: Double)]
  private let variation: TotalVariation
  private let workspace: Workspace
  private let arithmetic: VectorArithmetic
  private var huber = HuberLoss()

  /// A style loss above this counts, in gradients and in `minimized`, only like its square
  /// root, continued smoothly; losses themselves are told as they are.
  package var styleThreshold: Double {
    get { huber.threshold }
    set { huber.threshold = newValue }
  }

  /// Is told how long each step of the network took, if it is set.
  package var observer: ((FeatureExtractor.LayerTime) -> Void)? {
    get { extractor.observer }
    set { extractor.observer = newValue }
  }

  /// Prepares the objective of a photo and a style. What has no weight is not computed.
  ///
  /// - Parameters:
  ///   - photo: `[height, width, 3]`, 0…1; the pictures to evaluate have its size.
  ///   - hasGradient: whether gradients will be asked for.
  ///   - threads: to compute on, at least 1; nil for all processors that may be used.
  /// - Throws: `NetworkError.pictureTooSmall`, and `ModelFileError` of the weights.
  public convenience init(
    photo: Tensor, contentLayers: LayerWeights, style: StyleTarget, weights: Weights,
    normalization: Normalization = .perPosition, network: FeatureNetwork, hasGradient: Bool = true,
    threads: Int? = nil
  ) throws {
    try self.init(
      photo: photo, contentLayers: contentLayers, style: [StyleRegion(style)], weights: weights,
      normalization: normalization, network: network, hasGradient: hasGradient, threads: threads)
  }

  /// The same for regions of the photo that take different styles.
  public convenience init(
    photo: Tensor, contentLayers: LayerWeights, style: [StyleRegion], weights: Weights,
    normalization: Normalization = .perPosition, network: FeatureNetwork, hasGradient: Bool = true,
    threads: Int? = nil
  ) throws {
    try self.init(
      photo: photo, contentLayers: contentLayers, style: style, weights: weights,
      normalization: normalization, network: network, hasGradient: hasGradient,
      workspace: Workspace(kernels: .chosen(), threads: threads))
  }

  package init(
    photo: Tensor, contentLayers: LayerWeights, style: [StyleRegion], weights: Weights,
    normalization: Normalization,
    network: FeatureNetwork, hasGradient: Bool, workspace: Workspace
  ) throws {
    self.weights = weights
    self.normalization = normalization
    self.workspace = workspace
    arithmetic = VectorArithmetic(workspace: workspace)
    (height, width) = (photo.shape[0], photo.shape[1])
    variation = TotalVariation(height: height, width: width)
    let regions = weights.style > 0 ? style : []
    // A network has to end somewhere, whatever the weights are.
    let contentShares = weights.content > 0 || regions.isEmpty ? contentLayers.shares : []
    let styleLayers = Set(regions.flatMap { $0.target.layers.shares.map(\.layer) })
    // The extractor makes one Gram matrix a layer, of all of the picture.
    let isGuided = regions.count > 1 || regions.contains { $0.mask != nil }
    let extractor = try FeatureExtractor(
      network: network, height: height, width: width,
      features: Set(contentShares.map(\.layer)).union(isGuided ? styleLayers : []),
      grams: isGuided ? [] : styleLayers,
      hasGradient: hasGradient, workspace: workspace)
    self.extractor = extractor
    photo.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    content = contentShares.map { share in
      (
        ContentLoss(layer: share.layer, target: extractor.features(share.layer)),
        normalization.factor(of: share, in: contentLayers)
      )
    }
    let white = isGuided ? Tensor(shape: [height, width], repeating: 1) : nil
    self.style = regions.flatMap { region in
      Self.styleLosses(
        region, mask: region.mask?.values ?? white, network, normalization, workspace.kernels)
    }
  }

  /// A region's losses at its layers; a layer at which nothing of it is left has none.
  ///
  /// - Parameter mask: nil for all of the picture.
  private static func styleLosses(
    _ region: StyleRegion, mask: Tensor?, _ network: FeatureNetwork,
    _ normalization: Normalization, _ kernels: Kernels
  ) -> [(loss: StyleLoss, share: Double, factor: Double)] {
    let layers = region.target.layers
    return layers.shares.compactMap { share in
      let guide = mask.flatMap {
        GuidanceChannel(
          mask: $0, stride: share.layer.stride, roundingUp: network.poolingRoundsUp)
      }
      guard mask == nil || guide != nil else { return nil }
      let loss = StyleLoss(
        layer: share.layer, target: region.target.grams[share.layer]!, guide: guide,
        kernels: kernels)
      return (
        loss, region.weight * (guide?.share ?? 1), normalization.factor(of: share, in: layers)
      )
    }
  }

  /// The losses of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, dense; 0…1, but other values work, too.
  public func losses(_ image: [Float]) -> Losses {
    precondition(image.count == height * width * 3)
    return image.withUnsafeBufferPointer {
      extractor.forward($0.baseAddress!)
      return evaluate($0.baseAddress!)
    }
  }

  /// The losses of a picture, and the gradient of their weighted sum with respect to it.
  ///
  /// - Parameters:
  ///   - image: `[height, width, 3]`, dense; 0…1, but other values work, too.
  ///   - gradient: as long as `image`; is overwritten.
  public func losses(_ image: [Float], gradient: inout [Float]) -> Losses {
    precondition(image.count == height * width * 3 && gradient.count == image.count)
    return image.withUnsafeBufferPointer { image in
      gradient.withUnsafeMutableBufferPointer { gradient in
        losses(image.baseAddress!, gradient: gradient.baseAddress!)
      }
    }
  }

  /// The same for the engine's memory.
  package func losses(
    _ image: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Losses {
    extractor.forward(image)
    let losses = evaluate(image)
    differentiate(losses, image, into: gradient)
    return losses
  }

  /// The same for the photo as the first picture to be evaluated: its features are there
  /// already, because the content target was taken from them.
  package func lossesOfPhoto(
    _ photo: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Losses {
    let losses = evaluate(photo)
    differentiate(losses, photo, into: gradient)
    return losses
  }

  /// The function that the gradients belong to: the weighted sum of the losses, with the
  /// style loss bent at its threshold.
  package func minimized(_ losses: Losses) -> Double {
    losses.total - weights.style * (losses.style - huber.value(losses.style))
  }

  /// The content loss of a picture that has no features at all, times its weight.
  package var contentEnergy: Double {
    content.reduce(0) { sum, layer in
      sum + weights.content * layer.factor * scale(of: layer.loss) * layer.loss.energy(arithmetic)
    }
  }

  /// The losses of the picture that the extractor ran on.
  private func evaluate(_ image: UnsafePointer<Float>) -> Losses {
    var losses = Losses(
      total: 0, content: 0, style: 0, totalVariation: 0, contentLayers: [:], styleLayers: [:])
    for (loss, factor) in content where weights.content > 0 {
      let value = scale(of: loss) * loss.value(extractor.features(loss.layer), arithmetic)
      losses.contentLayers[loss.layer] = value
      losses.content += factor * value
    }
    for (loss, share, factor) in style {
      let value = share * scale(of: loss) * loss.value(gram(of: loss), arithmetic)
      losses.styleLayers[loss.layer, default: 0] += value
      losses.style += factor * value
    }
    losses.totalVariation = variationScale * variation.value(image, arithmetic)
    losses.total =
      weights.content * losses.content + weights.style * losses.style
      + weights.totalVariation * losses.totalVariation
    return losses
  }

  /// The Gram matrix that a loss looks at; a region's is computed here.
  private func gram(of loss: StyleLoss) -> GramMatrix {
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
    for (loss, factor) in content {
      gradients[loss.layer] = loss.gradient(
        scale: Float(weights.content * factor * scale(of: loss)))
    }
    for (loss, share, factor) in style {
      let matrix = loss.gradient(
        loss.region?.gram ?? extractor.gram(loss.layer),
        positions: extractor.positions(loss.layer),
        scale: Float(styleWeight * share * factor * scale(of: loss)), workspace: workspace)
      if let region = loss.region {
        gradients[loss.layer, default: LocalGradient()].regions.append((matrix, region.guide))
      } else {
        gradients[loss.layer, default: LocalGradient()].matrix = matrix
      }
    }
    extractor.backward(gradients, of: image, into: gradient)
    if weights.totalVariation != 0 {
      variation.addGradient(
        image, scale: Float(weights.totalVariation * variationScale), to: gradient, workspace)
    }
  }

  private func scale(of loss: ContentLoss) -> Double {
    normalization.scale(
      of: .content(positions: extractor.positions(loss.layer), channels: loss.layer.channels))
  }

  private func scale(of loss: StyleLoss) -> Double {
    normalization.scale(of: .style(channels: loss.layer.channels))
  }

  private var variationScale: Double {
    normalization.scale(of: .totalVariation(pixels: height * width))
  }
}
