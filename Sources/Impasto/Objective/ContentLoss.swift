import Networks
import Tensors

/// How far a layer's features are from the photo's: `½ Σ (F - P)²`, equation 1 of
/// Gatys, Ecker and Bethge (2015).
struct ContentLoss: Sendable {
  let layer: Layer
  /// The photo's features P.
  private let target: FloatBuffer

  init(layer: Layer, target: FeatureMap) {
    self.layer = layer
    self.target = FloatBuffer(count: target.shape.count)
    self.target.pointer.update(from: target.values, count: target.shape.count)
  }

  func value(_ features: FeatureMap) -> Double {
    0.5
      * VectorArithmetic.squaredDistance(
        features.values, target.pointer, count: features.shape.count)
  }

  /// Adds `scale` times the gradient `F - P`.
  func addGradient(
    _ features: FeatureMap, scale: Float, to gradient: UnsafeMutablePointer<Float>,
    workspace: Workspace
  ) {
    workspace.parallelRanges(features.shape.count, length: 1 << 16) { range in
      for i in range { gradient[i] += scale * (features.values[i] - target.pointer[i]) }
    }
  }
}
