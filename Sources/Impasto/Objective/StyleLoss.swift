import Engine
import Networks

/// The distance of a layer's Gram matrix from the painting's: `1/(4N²) Σ (G - A)²`, equation 4 of
/// Gatys, Ecker and Bethge (2015).
///
/// Gram matrices are divided by the number of positions in their picture. With a region, the loss
/// is equation 6 of Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer".
struct StyleLoss: Sendable {
  let layer: Layer
  /// The region with its own Gram matrix; nil for the whole picture, whose matrix the extractor
  /// computes.
  let region: (guide: GuidanceChannel, gram: GramMatrix)?
  /// The painting's Gram matrix A, `[channels, channels]`.
  private let target: [Float]
  /// The memory for the matrix that multiplies the features in the gradient.
  private let factor: PackedMatrix

  init(layer: Layer, target: [Float], guide: GuidanceChannel? = nil, kernels: Kernels) {
    self.layer = layer
    self.target = target
    region = guide.map { ($0, GramMatrix(channels: layer.channels, kernels: kernels)) }
    factor = PackedMatrix(depth: layer.channels, columns: layer.channels, kernels: kernels)
  }

  /// The loss for a Gram matrix of the picture.
  func value(_ gram: GramMatrix, _ arithmetic: VectorArithmetic) -> Double {
    let distance = target.withUnsafeBufferPointer {
      arithmetic.squaredDistance(gram.elements.pointer, $0.baseAddress!, count: $0.count)
    }
    return distance / (4 * Double(gram.channels * gram.channels))
  }

  /// The matrix that multiplies the features F in `scale` times the gradient
  /// `F (G - A) / (N² M)`. The next call overwrites it.
  func gradient(_ gram: GramMatrix, positions: Int, scale: Float, workspace: Workspace)
    -> PackedMatrix
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
        divisor: region?.guide.sumOfSquares ?? Double(positions), into: factor,
        workspace: workspace)
    }
    return factor
  }
}
