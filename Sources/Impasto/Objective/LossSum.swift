import Engine
import Networks
import Pictures

/// The weighted sum of an objective's losses, with the losses of the pixels themselves.
package struct LossSum: Sendable {
  let weights: Objective.Weights
  let normalization: Normalization
  /// The transform of the style loss in `minimized`.
  var huber = HuberLoss()
  /// The temporal loss of a film's picture; nil for a picture by itself.
  var temporal: TemporalLoss?
  private let variation: TotalVariation

  init(weights: Objective.Weights, normalization: Normalization, size: PixelSize) {
    (self.weights, self.normalization) = (weights, normalization)
    variation = TotalVariation(height: size.height, width: size.width)
  }

  /// A layer's loss with its factor in the sum of its kind.
  typealias LayerValue = (layer: Layer, value: Double, factor: Double)

  /// The losses of a picture, from those of the layers.
  ///
  /// - Parameter image: `[height, width, 3]`.
  func losses(
    content: [LayerValue], style: [LayerValue], of image: UnsafePointer<Float>,
    _ arithmetic: VectorArithmetic
  ) -> Losses {
    var losses = Losses(
      total: 0, content: 0, style: 0, totalVariation: 0, contentLayers: [:], styleLayers: [:])
    for (layer, value, factor) in content {
      losses.contentLayers[layer] = value
      losses.content += factor * value
    }
    for (layer, value, factor) in style {
      losses.styleLayers[layer, default: 0] += value
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

  /// The value that gradients belong to: the weighted sum, with the Huber-style transform of the style
  /// loss.
  func minimized(_ losses: Losses) -> Double {
    losses.total - weights.style * (losses.style - huber.value(losses.style))
  }

  /// The factor of the style loss in the gradient.
  func styleSlope(_ losses: Losses) -> Double { weights.style * huber.slope(losses.style) }

  /// Adds the gradients of total variation and temporal loss.
  func addPixelGradient(
    of image: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>,
    _ workspace: Workspace
  ) {
    if weights.totalVariation != 0 {
      variation.addGradient(
        image, scale: Float(weights.totalVariation * variationScale), to: gradient, workspace)
    }
    temporal?.addGradient(image, to: gradient, workspace)
  }

  private var variationScale: Double {
    normalization.scale(of: .totalVariation(pixels: variation.height * variation.width))
  }
}
