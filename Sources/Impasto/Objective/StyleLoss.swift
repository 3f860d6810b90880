import Networks
import Tensors

/// How far a layer's Gram matrix is from the painting's:
/// `1/(4N²) Σ (G - A)²`, equation 4 of Gatys, Ecker and Bethge (2015), with Gram
/// matrices divided by their picture's number of positions.
struct StyleLoss: Sendable {
  let layer: Layer
  /// The painting's Gram matrix A, `[channels, channels]`.
  private let target: [Float]
  /// What the features are multiplied by in the gradient.
  private let factor: PackedMatrix

  init(layer: Layer, target: [Float], kernels: Kernels) {
    self.layer = layer
    self.target = target
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
        positions: positions, into: factor, workspace: workspace)
    }
    return factor
  }
}
