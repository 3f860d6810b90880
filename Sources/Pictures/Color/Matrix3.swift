/// A 3x3 matrix for colors.
package struct Matrix3: Sendable, Equatable {
  package var columns: [SIMD3<Double>]

  package init(columns: [SIMD3<Double>]) {
    self.columns = columns
  }

  package static let zero = Matrix3(columns: [.zero, .zero, .zero])

  package static func diagonal(_ value: Double) -> Matrix3 {
    Matrix3(columns: [SIMD3(value, 0, 0), SIMD3(0, value, 0), SIMD3(0, 0, value)])
  }

  package static func + (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(columns: zip(a.columns, b.columns).map { $0 + $1 })
  }

  package static func * (a: Matrix3, vector: SIMD3<Double>) -> SIMD3<Double> {
    vector[0] * a.columns[0] + vector[1] * a.columns[1] + vector[2] * a.columns[2]
  }

  package static func * (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(columns: b.columns.map { a * $0 })
  }

  package static func * (factor: Double, a: Matrix3) -> Matrix3 {
    Matrix3(columns: a.columns.map { factor * $0 })
  }

  /// The inverse of a regular matrix.
  var inverse: Matrix3 {
    let (a, b, c) = (columns[0], columns[1], columns[2])
    let rows = [Self.cross(b, c), Self.cross(c, a), Self.cross(a, b)]
    let determinant = (a * rows[0]).sum()
    return Matrix3(
      columns: (0..<3).map { i in SIMD3(rows[0][i], rows[1][i], rows[2][i]) / determinant })
  }

  /// The square root of a positive definite matrix, and the inverse of the root.
  ///
  /// Denman and Beavers (1976); the iteration converges quadratically.
  package func squareRoot() -> (root: Matrix3, inverse: Matrix3) {
    var (root, inverse) = (self, Matrix3.diagonal(1))
    for _ in 0..<Self.mostIterations {
      (root, inverse) = (0.5 * (root + inverse.inverse), 0.5 * (inverse + root.inverse))
    }
    return (root, inverse)
  }

  /// The lower triangular matrix L with `L Lᵀ` this positive definite matrix.
  func choleskyFactor() -> Matrix3 {
    var factor = Matrix3.zero
    for column in 0..<3 {
      for row in column..<3 {
        let rest = (0..<column).reduce(columns[column][row]) {
          $0 - factor.columns[$1][row] * factor.columns[$1][column]
        }
        factor.columns[column][row] =
          row == column ? rest.squareRoot() : rest / factor.columns[column][column]
      }
    }
    return factor
  }

  /// Each iteration first halves a root's error; variances of colors span less than 2^30.
  private static let mostIterations = 30

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
  }
}
