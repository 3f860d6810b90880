import CKernels

/// The right-hand matrix of a product, `[depth, columns]`, in the order in which
/// the micro-kernel reads it: panels of a few columns, each with its rows dense.
package struct PackedMatrix: Sendable {
  package let depth: Int
  package let columns: Int
  private let panelColumns: Int
  private let storage: FloatBuffer

  package init(depth: Int, columns: Int, kernels: Kernels) {
    self.depth = depth
    self.columns = columns
    panelColumns = kernels.panelColumns
    storage = FloatBuffer(count: Self.count(depth: depth, columns: columns, kernels: kernels))
  }

  static func count(depth: Int, columns: Int, kernels: Kernels) -> Int {
    let panels = (columns + kernels.panelColumns - 1) / kernels.panelColumns
    return panels * kernels.panelColumns * depth
  }

  /// Sets every element to `value(row, column)`.
  package func fill(_ value: (_ row: Int, _ column: Int) -> Float) {
    for start in stride(from: 0, to: columns, by: panelColumns) {
      let panel = storage.pointer + start * depth
      for row in 0..<depth {
        for offset in 0..<panelColumns {
          let column = start + offset
          panel[row * panelColumns + offset] = column < columns ? value(row, column) : 0
        }
      }
    }
  }

  /// `c = a · self`, or `c += a · self`, for `rows` rows of `a` and `c`.
  func multiply(
    rows: Int, a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, adding: Bool,
    kernels: Kernels
  ) {
    kernels.table.pointee.multiply(
      rows, columns, depth, a, depth, storage.pointer, c, columns, adding)
  }
}
