import Engine
import Networks

/// The squared 2-Wasserstein distance of normal distributions with the means μ and covariances Σ of
/// a layer's features: `|μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₂^½ Σ₁ Σ₂^½)^½)`. A little noise is added to
/// both covariances.
///
/// Olkin and Pukelsheim (1982), "The Distance Between Two Random Vectors with Given Dispersion
/// Matrices". Its use as a style loss is due to Vincent Herrmann, "Wasserstein Style Transfer" (2019).
struct WassersteinLoss: LayerStyleLoss {
  let layer: Layer
  /// The mean square of the painting's features, summed over channels: `|μ₂|² + tr Σ₂`.
  let energy: Double
  private let channels: Int
  private let targetMeans: [Float]
  private let targetTrace: Double
  /// `Σ₂^½`.
  private let targetRoot: FloatBuffer
  private let root: MatrixRoot
  private let product: SquareProduct
  private let covariance: FloatBuffer
  private let transformed: FloatBuffer
  private let left: FloatBuffer
  private let factor: PackedMatrix
  private let offset: FloatBuffer

  /// The variance that is added to both diagonals, as if both features had some noise.
  private let noise: Float

  /// The least noise, and the noise as a share of the painting's covariance. Without it, single
  /// precision would not reach the roots of the smallest eigenvalues, and the gradient would not be
  /// that of the value.
  private static let (leastNoise, noiseShare) = (1e-4, 2e-3)
  /// The smallest eigenvalues of the painting's covariance and of the product of both, as a share
  /// of the matrix; less than the noise, because the norm includes it and a picture's covariance may
  /// be larger than the painting's.
  private static let (targetResolution, resolution) = (
    noiseShare / 8, noiseShare * noiseShare / 8
  )

  init(layer: Layer, target: FeatureStatistics, workspace: Workspace) {
    let (n, kernels) = (layer.channels, workspace.kernels)
    func memory() -> FloatBuffer { FloatBuffer(count: n * n) }
    self.layer = layer
    channels = n
    factor = PackedMatrix(depth: n, columns: n, kernels: kernels)
    offset = FloatBuffer(count: n)
    product = SquareProduct(size: n, kernels: kernels)
    (covariance, transformed, left) = (memory(), memory(), memory())
    root = MatrixRoot(size: n, resolution: Self.resolution, kernels: kernels)
    targetMeans = target.means
    energy = (0..<n).reduce(0) { $0 + Double(target.gram[$1 * n + $1]) }
    let targetCovariance = memory()
    for i in 0..<n * n {
      targetCovariance.pointer[i] = target.gram[i] - target.means[i / n] * target.means[i % n]
    }
    let norm = VectorArithmetic(workspace: workspace).dot(
      targetCovariance.pointer, targetCovariance.pointer, count: n * n
    ).squareRoot()
    noise = Float(max(Self.leastNoise, Self.noiseShare * norm))
    for i in 0..<n { targetCovariance.pointer[i * n + i] += noise }
    targetTrace = Self.trace(targetCovariance, n)
    let exact = MatrixRoot(size: n, resolution: Self.targetResolution, kernels: kernels)
    _ = exact.update(targetCovariance, workspace: workspace)
    targetRoot = exact.root(of: targetCovariance, workspace: workspace)
  }

  var term: Normalization.Term { .distribution(energy: energy) }

  func value(_ gram: GramMatrix, _ workspace: Workspace) -> Double {
    let n = channels
    setCovariance(gram, workspace)
    transform(covariance, into: transformed, workspace)
    let trace = root.update(transformed, workspace: workspace)
    let means = (0..<n).reduce(0.0) {
      let difference = Double(gram.means.pointer[$1] - targetMeans[$1])
      return $0 + difference * difference
    }
    return means + max(0, Self.trace(covariance, n) + targetTrace - 2 * trace)
  }

  /// With A the derivative with respect to Σ₁, `1 - Σ₂^½ (Σ₂^½ Σ₁ Σ₂^½)^-½ Σ₂^½`, the gradient is
  /// `2 (F A + μ₁ - μ₂ - A μ₁) / M`.
  func gradient(_ gram: GramMatrix, divisor: Double, scale: Float, workspace: Workspace)
    -> LocalGradient.Statistics
  {
    let n = channels
    transform(root.inverse, into: transformed, workspace)
    let (inner, means, offsets) = (transformed.pointer, gram.means.pointer, offset.pointer)
    gram.pack(
      derivative: { scale * (($0 == $1 ? 1 : 0) - inner[$0 * n + $1]) }, divisor: divisor,
      into: factor, workspace: workspace)
    let constant = 2 * scale / Float(divisor)
    workspace.parallelRanges(n, length: 16) { rows in
      for row in rows {
        var product: Float = 0
        for column in 0..<n { product += inner[row * n + column] * means[column] }
        offsets[row] = constant * (product - targetMeans[row])
      }
    }
    return LocalGradient.Statistics(matrix: factor, offset: offset)
  }

  /// `to = Σ₂^½ a Σ₂^½`.
  private func transform(_ a: FloatBuffer, into to: FloatBuffer, _ workspace: Workspace) {
    product.multiply(targetRoot, a, into: left, isSymmetric: false, workspace: workspace)
    product.multiply(left, targetRoot, into: to, isSymmetric: true, workspace: workspace)
  }

  private func setCovariance(_ gram: GramMatrix, _ workspace: Workspace) {
    let n = channels
    let (values, products, means) = (
      covariance.pointer, gram.elements.pointer, gram.means.pointer
    )
    workspace.parallelRanges(n, length: 16) { rows in
      for i in rows {
        for j in 0..<n { values[i * n + j] = products[i * n + j] - means[i] * means[j] }
        values[i * n + i] += noise
      }
    }
  }

  private static func trace(_ matrix: FloatBuffer, _ n: Int) -> Double {
    (0..<n).reduce(0) { $0 + Double(matrix.pointer[$1 * n + $1]) }
  }
}
