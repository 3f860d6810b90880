import Engine
import Networks

/// The distance of a layer's Gram matrix from the painting's: `1/(4N²) Σ (G - A)²`, equation 4 of
/// Gatys, Ecker and Bethge (2015).
///
/// Gram matrices are divided by the number of positions in their picture. For a region, the loss
/// is equation 6 of Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer".
struct GramLoss: LayerStyleLoss {
  let layer: Layer
  /// The loss of a picture whose features are all zero: `1/(4N²) Σ A²`.
  let energy: Double
  /// The painting's Gram matrix A, `[channels, channels]`.
  private let target: [Float]
  /// The memory for the matrix that multiplies the features in the gradient.
  private let factor: PackedMatrix

  init(layer: Layer, target: [Float], kernels: Kernels) {
    self.layer = layer
    self.target = target
    let squares = target.reduce(0) { $0 + Double($1) * Double($1) }
    energy = squares / Self.divisor(layer.channels)
    factor = PackedMatrix(depth: layer.channels, columns: layer.channels, kernels: kernels)
  }

  private static func divisor(_ channels: Int) -> Double { 4 * Double(channels * channels) }

  var term: Normalization.Term { .style(channels: layer.channels, energy: energy) }

  func value(_ gram: GramMatrix, _ workspace: Workspace) -> Double {
    let distance = target.withUnsafeBufferPointer {
      VectorArithmetic(workspace: workspace).squaredDistance(
        gram.elements.pointer, $0.baseAddress!, count: $0.count)
    }
    return distance / Self.divisor(gram.channels)
  }

  /// The matrix of `scale F (G - A) / (N² M)`.
  func gradient(_ gram: GramMatrix, divisor: Double, scale: Float, workspace: Workspace)
    -> LocalGradient.Statistics
  {
    let channels = gram.channels
    let matrix = gram.elements.pointer
    let constant = scale / Float(2 * channels * channels)
    target.withUnsafeBufferPointer { target in
      let target = target.baseAddress!
      gram.pack(
        derivative: {
          constant * (matrix[$0 * channels + $1] - target[$0 * channels + $1])
        },
        divisor: divisor, into: factor, workspace: workspace)
    }
    return LocalGradient.Statistics(matrix: factor)
  }
}
