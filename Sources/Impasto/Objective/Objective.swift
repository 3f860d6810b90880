import Networks
import Tensors

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
  private let content: [(loss: ContentLoss, share: Double)]
  private let style: [(loss: StyleLoss, share: Double)]
  private let variation: TotalVariation
  private let workspace: Workspace

  /// Prepares the objective of a photo and a style.
  ///
  /// - Parameters:
  ///   - photo: `[height, width, 3]`, 0…1; the pictures to evaluate have its size.
  ///   - hasGradient: whether gradients will be asked for.
  /// - Throws: `NetworkError.pictureTooSmall`, and `ModelFileError` of the weights.
  public convenience init(
    photo: Tensor, contentLayers: LayerWeights, style: StyleTarget, weights: Weights,
    normalization: Normalization = .perPosition, network: FeatureNetwork, hasGradient: Bool = true
  ) throws {
    try self.init(
      photo: photo, contentLayers: contentLayers, style: style, weights: weights,
      normalization: normalization,
      network: network, hasGradient: hasGradient, workspace: Workspace(kernels: .chosen()))
  }

  package init(
    photo: Tensor, contentLayers: LayerWeights, style: StyleTarget, weights: Weights,
    normalization: Normalization,
    network: FeatureNetwork, hasGradient: Bool, workspace: Workspace
  ) throws {
    self.weights = weights
    self.normalization = normalization
    self.workspace = workspace
    (height, width) = (photo.shape[0], photo.shape[1])
    variation = TotalVariation(height: height, width: width)
    let extractor = try FeatureExtractor(
      network: network, height: height, width: width,
      taps: Set((contentLayers.shares + style.layers.shares).map(\.layer)),
      hasGradient: hasGradient,
      workspace: workspace)
    self.extractor = extractor
    photo.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    content = contentLayers.shares.map { share in
      (ContentLoss(layer: share.layer, target: extractor.features(share.layer)), share.weight)
    }
    self.style = style.layers.shares.map { share in
      (
        StyleLoss(
          layer: share.layer, target: style.grams[share.layer]!, kernels: workspace.kernels),
        share.weight
      )
    }
  }

  /// The losses of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`, dense; 0…1, but other values work, too.
  public func losses(_ image: [Float]) -> Losses {
    precondition(image.count == height * width * 3)
    return image.withUnsafeBufferPointer { evaluate($0.baseAddress!) }
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
        let losses = evaluate(image.baseAddress!)
        differentiate(image.baseAddress!, into: gradient.baseAddress!)
        return losses
      }
    }
  }

  private func evaluate(_ image: UnsafePointer<Float>) -> Losses {
    extractor.forward(image)
    var losses = Losses(total: 0, content: 0, style: 0, totalVariation: 0, styleLayers: [:])
    for (loss, share) in content {
      let features = extractor.features(loss.layer)
      losses.content += share * contentScale(features) * loss.value(features)
    }
    for (loss, share) in style {
      let value = loss.update(extractor.features(loss.layer), workspace: workspace)
      losses.styleLayers[loss.layer] = value
      losses.style += share * value
    }
    losses.totalVariation = variationScale * variation.value(image)
    losses.total =
      weights.content * losses.content + weights.style * losses.style
      + weights.totalVariation * losses.totalVariation
    return losses
  }

  private func differentiate(
    _ image: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    extractor.backward(into: gradient) { tap, features, gradient in
      for (loss, share) in content where loss.layer == tap {
        let scale = weights.content * share * contentScale(features)
        loss.addGradient(features, scale: Float(scale), to: gradient, workspace: workspace)
      }
      for (loss, share) in style where loss.layer == tap {
        loss.addGradient(
          features, scale: Float(weights.style * share), to: gradient, workspace: workspace)
      }
    }
    if weights.totalVariation != 0 {
      variation.addGradient(
        image, scale: Float(weights.totalVariation * variationScale), to: gradient)
    }
  }

  private func contentScale(_ features: FeatureMap) -> Double {
    normalization.scale(of: .content, positions: features.shape.positions)
  }

  private var variationScale: Double {
    normalization.scale(of: .totalVariation, positions: height * width)
  }
}
