/// 3x3 kernels transformed for Winograd's F(4x4, 3x3): a packed matrix `[inputs, outputs]`
/// for each of 36 points. Lavin and Gray (2015), section 4.1.
struct WinogradWeights: Sendable {
  let inputs: Int
  let outputs: Int
  private let storage: FloatBuffer
  private let stride: Int

  /// Points a power of two apart would fall on the same cache lines.
  private static let padding = 16
  private static let points = WinogradConvolution.points
  private static let patchSize = WinogradConvolution.patchSize

  init(_ oriented: OrientedWeights, workspace: Workspace) {
    let (inputs, outputs) = (oriented.inputs, oriented.outputs)
    self.inputs = inputs
    self.outputs = outputs
    let stride =
      PackedMatrix.count(depth: inputs, columns: outputs, kernels: workspace.kernels) + Self.padding
    self.stride = stride
    let buffer = FloatBuffer(count: Self.points * stride)
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
              { weight(output, input, $0) }, into: place + output - range.lowerBound,
              stride: stride)
          }
        }
      }
    }
  }

  /// `products = patches · weights` for one point.
  func multiply(
    point: Int, tiles: Int, patches: UnsafePointer<Float>, into products: UnsafeMutablePointer<Float>,
    kernels: Kernels
  ) {
    kernels.table.pointee.multiply(
      tiles, outputs, inputs, patches, inputs, storage.pointer + point * stride, products, outputs,
      false)
  }

  /// `G g Gᵀ` for one 3x3 kernel, in double precision because it is done once; the
  /// points are written `stride` apart.
  private static func transform(
    _ kernel: (_ tap: Int) -> Float, into points: UnsafeMutablePointer<Float>, stride: Int
  ) {
    func row(_ first: Int) -> Lanes {
      Lanes(
        Double(kernel(first)), Double(kernel(first + 1)), Double(kernel(first + 2)), 0, 0, 0, 0, 0)
    }
    let half = transformLines(row(0), row(3), row(6))
    func column(_ i: Int) -> Lanes {
      Lanes(half.0[i], half.1[i], half.2[i], half.3[i], half.4[i], half.5[i], 0, 0)
    }
    let whole = transformLines(column(0), column(1), column(2))
    for row in 0..<patchSize {
      let to = points + row * patchSize * stride
      to[0] = Float(whole.0[row])
      to[stride] = Float(whole.1[row])
      to[2 * stride] = Float(whole.2[row])
      to[3 * stride] = Float(whole.3[row])
      to[4 * stride] = Float(whole.4[row])
      to[5 * stride] = Float(whole.5[row])
    }
  }

  /// Several lines of three weights or points each, side by side.
  private typealias Lanes = SIMD8<Double>

  /// A line's values at the points 0, ±a, ±b and infinity, each divided by the
  /// product of its distances from the others. The kernels use the same a and b.
  private static func transformLines(
    _ k0: Lanes, _ k1: Lanes, _ k2: Lanes
  ) -> (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes) {
    let (a, b) = (0.75, 1.5)
    let scaleA = 1 / (2 * a * a * (a * a - b * b))
    let scaleB = 1 / (2 * b * b * (b * b - a * a))
    let (evenA, oddA) = (k0 + a * a * k2, a * k1)
    let (evenB, oddB) = (k0 + b * b * k2, b * k1)
    return (
      k0 / (a * a * b * b), scaleA * (evenA + oddA), scaleA * (evenA - oddA),
      scaleB * (evenB + oddB), scaleB * (evenB - oddB), k2
    )
  }
}
