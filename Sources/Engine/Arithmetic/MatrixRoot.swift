/// The square root of a symmetric positive semidefinite matrix, and the inverse of the root.
///
/// A coupled Newton–Schulz iteration computes both at the same time: Higham, "Functions of
/// Matrices" (2008), equation 6.35. Each step is scaled by the bound of the smallest eigenvalue that
/// remains to converge: Chen and Chow, "A Stable Scaling of Newton–Schulz for Improving the Sign
/// Function Computation of a Hermitian Matrix" (2014). Products of matrices that commute are
/// symmetric, but making them exactly symmetric would let rounding errors grow.
package struct MatrixRoot: Sendable {
  /// The rows and columns.
  package let size: Int
  /// The inverse of the root, `[size, size]`. Where the eigenvalues of the matrix are below the
  /// resolution, it is smaller than the exact inverse.
  package let inverse: FloatBuffer
  private let memory: [FloatBuffer]
  private let multiplication: SquareProduct
  private let steps: [Step]

  /// A step of the iteration: `Z Y` becomes `factor (3 - square Z Y)`.
  private struct Step {
    let factor: Float
    let square: Float
  }

  /// The distance from 1 at which the iteration has converged.
  private static let tolerance = 1e-6
  /// The largest square of a scale at which rounding errors do not grow.
  private static let largestSquare = 1.69770248526 * 1.69770248526

  /// Reserves the memory.
  ///
  /// - Parameter resolution: the smallest eigenvalue whose root is exact, as a share of the Frobenius
  ///   norm. Each factor of 6 below 1 takes another step.
  package init(size: Int, resolution: Double, kernels: Kernels) {
    self.size = size
    multiplication = SquareProduct(size: size, kernels: kernels)
    inverse = FloatBuffer(count: size * size)
    memory = (0..<4).map { _ in FloatBuffer(count: size * size) }
    var steps: [Step] = []
    var least = resolution.squareRoot()
    repeat {
      let square = min(3 / (1 + least + least * least), Self.largestSquare)
      let factor = square.squareRoot() / 2
      steps.append(Step(factor: Float(factor), square: Float(square)))
      least = factor * min(least * (3 - square * least * least), 3 - square)
    } while 1 - least > Self.tolerance
    self.steps = steps
  }

  /// Computes the inverse root of a matrix.
  ///
  /// - Returns: the trace of the root.
  package func update(_ matrix: FloatBuffer, workspace: Workspace) -> Double {
    let arithmetic = VectorArithmetic(workspace: workspace)
    let count = size * size
    let norm = arithmetic.dot(matrix.pointer, matrix.pointer, count: count).squareRoot()
    guard norm > 0 else {
      inverse.pointer.update(repeating: 0, count: count)
      return 0
    }
    let product = memory[0]
    var (y, z, next) = (memory[1], memory[2], memory[3])
    // The first step, from `Y = A` and `Z = 1`, needs one product only.
    multiply(matrix, by: 1 / norm, into: product, workspace)
    transform(product, steps[0], into: z, workspace)
    multiply(product, z, into: y, workspace)
    for (number, step) in steps.enumerated().dropFirst() {
      multiply(z, y, into: product, workspace)
      transform(product, step, into: product, workspace)
      multiply(product, z, into: next, workspace)
      swap(&next, &z)
      // The trace of the root follows from its inverse.
      guard number < steps.count - 1 else { break }
      multiply(y, product, into: next, workspace)
      swap(&next, &y)
    }
    multiply(z, by: 1 / norm.squareRoot(), into: inverse, workspace)
    return arithmetic.dot(inverse.pointer, matrix.pointer, count: count)
  }

  /// The root itself: the product of the matrix and its inverse root.
  package func root(of matrix: FloatBuffer, workspace: Workspace) -> FloatBuffer {
    let result = FloatBuffer(count: size * size)
    multiply(inverse, matrix, into: result, workspace)
    return result
  }

  private func multiply(
    _ a: FloatBuffer, by factor: Double, into to: FloatBuffer, _ workspace: Workspace
  ) {
    let (a, to, factor) = (a.pointer, to.pointer, Float(factor))
    VectorArithmetic(workspace: workspace).forRanges(of: size * size) {
      for i in $0 { to[i] = factor * a[i] }
    }
  }

  /// `to = factor (3 - square a)`.
  private func transform(
    _ a: FloatBuffer, _ step: Step, into to: FloatBuffer, _ workspace: Workspace
  ) {
    let (n, a, to) = (size, a.pointer, to.pointer)
    let (slope, constant) = (-step.factor * step.square, 3 * step.factor)
    workspace.parallelRanges(n, length: 16) { rows in
      for row in rows {
        for i in row * n..<(row + 1) * n { to[i] = slope * a[i] }
        to[row * n + row] += constant
      }
    }
  }

  private func multiply(
    _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer, _ workspace: Workspace
  ) {
    multiplication.multiply(a, b, into: c, isSymmetric: false, workspace: workspace)
  }
}
