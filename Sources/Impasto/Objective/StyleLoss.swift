import Engine
import Networks

/// How far a layer's Gram matrix is from the painting's:
/// `1/(4N²) Σ (G - A)²`, equation 4 of Gatys, Ecker and Bethge (2015), with Gram
/// matrices divided by their picture's number of positions; of all of the picture, or of a
/// region, equation 6 of Gatys et al. (2017), "Controlling Perceptual Factors in Neural
/// Style Transfer".
struct StyleLoss: Sendable {
  let layer: Layer
  /// The region with its own Gram matrix; nil for all of the picture, whose matrix the
  /// extractor makes.
  let region: (guide: GuidanceChannel, gram: GramMatrix)?
  /// The painting's Gram matrix A, `[channels, channels]`.
  private let target: [Float]
  /// What the features are multiplied by in the gradient.
  private let factor: PackedMatrix

  init(layer: Layer, target: [Float], guide: GuidanceChannel? = nil, kernels: Kernels) {
    self.layer = layer
    self.target = target
    region = guide.map { ($0, GramMatrix(channels: layer.channels, kernels: kernels)) }
    factor = PackedMatrix(depth: layer.channels, columns: layer.channels, kernels: kernels)
  }

  func value(_ gram: GramMatrix, _ arithmetic: VectorArithmetic) -> Double {
    let distance = target.withUnsafeBufferPointer {
      arithmetic.squaredDistance(gram.elements.pointer, $0.baseAddress!, count: $0.count)
    }
    return distance / (4 * Double(gram.channels * gram.channels))
  }

  /// The factor of the features in `scale` times the gradient `F (G - A) / (N² M)`; it
  /// changes when it is asked for again.
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
