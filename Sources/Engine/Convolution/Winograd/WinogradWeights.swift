import CKernels

/// The weights of 3x3 kernels transformed for Winograd's F(m x m, 3x3): a packed matrix
/// `[inputs, outputs]` for each point.
///
/// Lavin and Gray (2015), section 4.1.
struct WinogradWeights: Sendable {
  let inputs: Int
  let outputs: Int
  private let storage: FloatBuffer
  private let stride: Int

  /// Floats of padding between the matrices of points. With a stride of a power of two, they
  /// would compete for the same cache sets.
  private static let padding = 16

  init(_ oriented: OrientedWeights, tileSize: Int, workspace: Workspace) {
    let (inputs, outputs) = (oriented.inputs, oriented.outputs)
    self.inputs = inputs
    self.outputs = outputs
    let stride =
      PackedMatrix.count(depth: inputs, columns: outputs, kernels: workspace.kernels) + Self.padding
    self.stride = stride
    let lines = WinogradPoints(tileSize: tileSize)
    let buffer = FloatBuffer(count: lines.count * lines.count * stride)
    storage = buffer
    let panel = workspace.kernels.panelColumns
    oriented.withAccess { weight in
      workspace.parallelRanges(outputs, length: panel) { range in
        for input in 0..<inputs {
          let place =
            buffer.pointer
            + PackedMatrix.place(
              row: input, column: range.lowerBound, depth: inputs, columns: outputs,
              panelColumns: panel)
          for output in range {
            Self.transform(
              { weight(output, input, $0) }, lines, into: place + output - range.lowerBound,
              stride: stride)
          }
        }
      }
    }
  }

  /// Computes `products = patches · weights` for one point.
  func multiply(
    point: Int, tiles: Int, patches: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>,
    kernels: Kernels
  ) {
    kernels.table.pointee.multiply(
      tiles, outputs, inputs, patches, inputs, storage.pointer + point * stride, products, outputs,
      false)
  }

  /// Computes `G g Gᵀ` for one 3x3 kernel, and writes the points `stride` apart.
  ///
  /// Weights are transformed once, so double precision costs little.
  private static func transform(
    _ kernel: (_ tap: Int) -> Float, _ lines: WinogradPoints,
    into points: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<lines.count {
      let factors = (lines.weights.0[row], lines.weights.1[row], lines.weights.2[row])
      func half(_ column: Int) -> Double {
        factors.0 * Double(kernel(column)) + factors.1 * Double(kernel(3 + column))
          + factors.2 * Double(kernel(6 + column))
      }
      let whole =
        half(0) * lines.weights.0 + half(1) * lines.weights.1 + half(2) * lines.weights.2
      let to = points + row * lines.count * stride
      for column in 0..<lines.count { to[column * stride] = Float(whole[column]) }
    }
  }
}

/// The one-dimensional transform of weights: evaluates three weights as a polynomial at each point,
/// divided by the product of the point's distances from the other points.
struct WinogradPoints {
  /// The number of points, including infinity.
  let count: Int
  /// The factors of the first, second and third weight, for each point.
  let weights: (SIMD8<Double>, SIMD8<Double>, SIMD8<Double>)

  init(tileSize: Int) {
    let magnitudes =
      tileSize == 4
      ? [CK_WINOGRAD_4_A, CK_WINOGRAD_4_B] : [CK_WINOGRAD_6_A, CK_WINOGRAD_6_B, CK_WINOGRAD_6_C]
    let points: [Double] = [0] + magnitudes.flatMap { [$0, -$0] }
    count = points.count + 1
    var weights = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    for (i, point) in points.enumerated() {
      let norm = points.filter { $0 != point }.reduce(1.0) { $0 * (point - $1) }
      weights.0[i] = 1 / norm
      weights.1[i] = point / norm
      weights.2[i] = point * point / norm
    }
    weights.2[points.count] = 1
    self.weights = weights
  }
}
