import Networks
import Tensors

/// How far a layer's Gram matrix is from the painting's:
/// `1/(4N²) Σ (G - A)²`, equation 4 of Gatys, Ecker and Bethge (2015), with Gram
/// matrices divided by their picture's number of positions.
final class StyleLoss {
  let layer: Layer
  /// The painting's Gram matrix A, `[channels, channels]`.
  private let target: [Float]
  /// The picture's Gram matrix G, after `update`.
  private let gram: GramMatrix

  init(layer: Layer, target: [Float], kernels: Kernels) {
    self.layer = layer
    self.target = target
    gram = GramMatrix(channels: layer.channels, kernels: kernels)
  }

  /// Computes the Gram matrix of the features, and the loss.
  func update(_ features: FeatureMap, workspace: Workspace) -> Double {
    gram.update(features.values, positions: features.shape.positions, workspace: workspace)
    let distance = target.withUnsafeBufferPointer {
      VectorArithmetic.squaredDistance(gram.elements.pointer, $0.baseAddress!, count: $0.count)
    }
    return distance / (4 * Double(gram.channels * gram.channels))
  }

  /// Adds `scale` times the gradient `F (G - A) / (N² M)`; `update` came before.
  func addGradient(
    _ features: FeatureMap, scale: Float, to gradient: UnsafeMutablePointer<Float>,
    workspace: Workspace
  ) {
    let channels = gram.channels
    let matrix = gram.elements.pointer
    let factor = scale / Float(2 * channels * channels)
    target.withUnsafeBufferPointer { target in
      gram.addGradient(
        derivative: { factor * (matrix[$0 * channels + $1] - target[$0 * channels + $1]) },
        map: features.values, positions: features.shape.positions, to: gradient,
        workspace: workspace)
    }
  }
}
