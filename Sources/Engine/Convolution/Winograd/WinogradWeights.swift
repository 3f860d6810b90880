import CKernels

/// The weights of 3x3 kernels transformed for Winograd's F(m x m, 3x3): a packed matrix
/// `[inputs, outputs]` for each point.
///
/// Lavin and Gray (2015), section 4.1.
struct WinogradWeights: Sendable {
  let inputs: Int
  let outputs: Int
  private let form: WinogradForm
  private let storage: FloatBuffer
  private let stride: Int

  /// Floats of padding between the matrices of points. With a stride of a power of two, they
  /// would compete for the same cache sets.
  private static let padding = 16

  init(_ oriented: OrientedWeights, form: WinogradForm, workspace: Workspace) {
    inputs = oriented.inputs
    outputs = oriented.outputs
    self.form = form
    let (rows, columns) = (form.floats(oriented.inputs), oriented.outputs)
    let stride =
      PackedMatrix.count(depth: rows, columns: columns, kernels: workspace.kernels) + Self.padding
    self.stride = stride
    let buffer = FloatBuffer(count: form.points * stride)
    storage = buffer
    let transform = form.transforms(workspace.kernels).weights!
    let panel = workspace.kernels.panelColumns
    let inputsPerRow = oriented.inputs / rows
    let lines = WinogradPoints(tileSize: form.tileSize).factors
    workspace.parallel(columns / panel, scratch: 9 * panel * inputsPerRow) { index, taps in
      for row in 0..<rows {
        for number in 0..<inputsPerRow {
          oriented.copy(
            input: row * inputsPerRow + number, outputs: index * panel..<(index + 1) * panel,
            to: taps + 9 * panel * number)
        }
        let place = PackedMatrix.place(
          row: row, column: index * panel, depth: rows, columns: columns, panelColumns: panel)
        transform(lines, taps, buffer.pointer + place, stride)
      }
    }
  }

  /// Computes `products = patches · weights` for one point.
  func multiply(
    point: Int, tiles: Int, patches: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>,
    kernels: Kernels
  ) {
    let rows = form.floats(inputs)
    form.multiply(kernels)(
      tiles, outputs, rows, patches, rows, storage.pointer + point * stride, products, outputs,
      false)
  }
}

/// The one-dimensional transform of weights: evaluates three weights as a polynomial at each point,
/// divided by the product of the point's distances from the other points.
struct WinogradPoints {
  /// The number of points, including infinity.
  let count: Int
  /// The factors of the first, second and third weight, for each point.
  let weights: (SIMD8<Double>, SIMD8<Double>, SIMD8<Double>)
  /// The same factors, three for each point.
  var factors: [Double] {
    (0..<count).flatMap { [weights.0[$0], weights.1[$0], weights.2[$0]] }
  }

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
