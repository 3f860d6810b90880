import CKernels

/// Products of square matrices of one size, on all threads.
///
/// The memory for the right-hand factor is reused from product to product.
package struct SquareProduct: Sendable {
  /// The rows and columns.
  package let size: Int
  private let right: PackedMatrix
  private let kernels: Kernels

  /// The rows that a thread computes at a time.
  private static let rows = 24

  package init(size: Int, kernels: Kernels) {
    self.size = size
    self.kernels = kernels
    right = PackedMatrix(depth: size, columns: size, kernels: kernels)
  }

  /// Computes `c = a b`. The memory of `c` must be that of neither factor.
  ///
  /// - Parameter isSymmetric: whether the product is symmetric, as that of symmetric matrices that
  ///   commute. Only its upper triangle is then computed.
  package func multiply(
    _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer, isSymmetric: Bool,
    workspace: Workspace
  ) {
    let (n, a, b, c) = (size, a.pointer, b.pointer, c.pointer)
    workspace.parallelRanges(n, length: 16) { rows in
      for row in rows { right.copy(row: row, from: b + row * n) }
    }
    workspace.parallelRanges(n, length: Self.rows) { rows in
      let start = rows.lowerBound
      right.multiply(
        rows: rows.count, a: a + start * n, into: c + start * n,
        from: isSymmetric ? start : 0, kernels: kernels)
    }
    guard isSymmetric else { return }
    workspace.parallelRanges(n, length: 16) { rows in
      for i in rows { for j in 0..<i { c[i * n + j] = c[j * n + i] } }
    }
  }
}
