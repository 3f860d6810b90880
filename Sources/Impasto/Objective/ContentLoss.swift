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
  /// The positions that are compared; nil for all of them.
  private let part: MapPart?

  init(
    layer: Layer, target: FeatureMap, guide: GuidanceChannel? = nil, part: MapPart? = nil,
    storage: FloatBuffer.Storage = .memory
  ) {
    self.layer = layer
    self.guide = guide
    self.part = part
    self.target = FloatBuffer(count: target.shape.count, in: storage)
    self.target.pointer.update(from: target.values, count: target.shape.count)
    self.target.release()
  }

  /// Replaces the photo's features by those of another photo of the same size.
  func setTarget(_ features: FeatureMap) {
    precondition(features.shape.count == target.count)
    target.pointer.update(from: features.values, count: target.count)
  }

  /// The loss for features F of the picture.
  func value(_ features: FeatureMap, _ arithmetic: VectorArithmetic) -> Double {
    let (values, channels) = (features.values, layer.channels)
    if let guide {
      return 0.5
        * arithmetic.squaredDistance(values, target.pointer, channels: channels, guide: guide)
    }
    if let part {
      return 0.5
        * arithmetic.squaredDistance(
          values, target.pointer, channels: channels, part: part, of: features.shape.positions)
    }
    return 0.5 * arithmetic.squaredDistance(values, target.pointer, count: features.shape.count)
  }

  /// The loss for features that are all zero: `½ Σ P²`.
  func energy(_ arithmetic: VectorArithmetic) -> Double {
    let channels = layer.channels
    if let guide {
      return 0.5 * arithmetic.squaredNorm(target.pointer, channels: channels, guide: guide)
    }
    if let part {
      return 0.5
        * arithmetic.squaredNorm(
          target.pointer, channels: channels, part: part, of: target.count / channels)
    }
    return 0.5 * arithmetic.dot(target.pointer, target.pointer, count: target.count)
  }

  /// `scale` times the gradient `F - P`.
  func gradient(scale: Float) -> LocalGradient {
    LocalGradient(
      distance: (UnsafePointer(target.pointer), scale), distanceGuide: guide, part: part)
  }

  /// Removes the photo's features from memory until they are used again, if they are in a file.
  func release() { target.release() }
}
