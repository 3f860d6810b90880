import Engine
import Networks

/// The distance of a layer's features from the photo's: `½ Σ (F - P)²`, equation 1 of Gatys,
/// Ecker and Bethge (2015), in the photo's visible part: `½ Σ T² (F - P)²`.
struct ContentLoss: Sendable {
  let layer: Layer
  /// The photo's features P.
  private let target: FloatBuffer
  /// The visible part T; nil if all is visible.
  private let guide: GuidanceChannel?

  init(layer: Layer, target: FeatureMap, guide: GuidanceChannel? = nil) {
    self.layer = layer
    self.guide = guide
    self.target = FloatBuffer(count: target.shape.count)
    self.target.pointer.update(from: target.values, count: target.shape.count)
  }

  /// Replaces the photo's features by those of another photo of the same size.
  func setTarget(_ features: FeatureMap) {
    precondition(features.shape.count == target.count)
    target.pointer.update(from: features.values, count: target.count)
  }

  /// The loss for features F of the picture.
  func value(_ features: FeatureMap, _ arithmetic: VectorArithmetic) -> Double {
    guard let guide else {
      return 0.5
        * arithmetic.squaredDistance(features.values, target.pointer, count: features.shape.count)
    }
    return 0.5
      * arithmetic.squaredDistance(
        features.values, target.pointer, channels: layer.channels, guide: guide)
  }

  /// The loss for features that are all zero: `½ Σ P²`.
  func energy(_ arithmetic: VectorArithmetic) -> Double {
    guard let guide else {
      return 0.5 * arithmetic.dot(target.pointer, target.pointer, count: target.count)
    }
    return 0.5 * arithmetic.squaredNorm(target.pointer, channels: layer.channels, guide: guide)
  }

  /// The factor of a normalization for the loss.
  ///
  /// - Parameter features: an extractor of the photo's size.
  func scale(
    _ features: FeatureExtractor, _ normalization: Normalization, _ arithmetic: VectorArithmetic
  ) -> Double {
    normalization.scale(
      of: .content(
        positions: features.positions(layer), channels: layer.channels,
        energy: energy(arithmetic)))
  }

  /// `scale` times the gradient `F - P`.
  func gradient(scale: Float) -> LocalGradient {
    LocalGradient(distance: (UnsafePointer(target.pointer), scale), distanceGuide: guide)
  }
}
