import Engine
import Foundation
import TestSupport
import Testing

@Suite struct MatrixRootTests {
  /// A symmetric matrix with given eigenvalues, `[size, size]`, as a function of them.
  private struct Spectrum {
    let eigenvalues: [Double]
    /// The eigenvectors in columns.
    private let vectors: [Double]

    /// Eigenvectors from a product of random reflections.
    init(_ eigenvalues: [Double]) {
      self.eigenvalues = eigenvalues
      let n = eigenvalues.count
      var random = SmallRandom(9)
      var vectors = (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0 }
      for _ in 0..<3 {
        let normal = random.tensor([n]).elements.map(Double.init)
        let square = normal.reduce(0) { $0 + $1 * $1 }
        for row in 0..<n {
          let product = (0..<n).reduce(0) { $0 + vectors[row * n + $1] * normal[$1] }
          for column in 0..<n { vectors[row * n + column] -= 2 * product / square * normal[column] }
        }
      }
      self.vectors = vectors
    }

    func matrix(_ function: (Double) -> Double) -> [Float] {
      let n = eigenvalues.count
      let values = eigenvalues.map(function)
      return (0..<n * n).map { i in
        Float(
          (0..<n).reduce(0) { $0 + vectors[i / n * n + $1] * values[$1] * vectors[i % n * n + $1] })
      }
    }
  }

  /// Sizes with whole and partial panels, and more than one block of a product's depth.
  private static let sizes = [1, 3, 32, 67, 300]

  @Test(arguments: sizes)
  func rootAndInverseAreThoseOfTheEigenvalues(size: Int) {
    let spectrum = Spectrum((0..<size).map { 50 * pow(1e-4, Double($0) / Double(size)) })
    for kernels in Kernels.available {
      let workspace = Workspace(kernels: kernels, threads: 3)
      let matrix = FloatBuffer(spectrum.matrix { $0 })
      let root = MatrixRoot(size: size, resolution: 1e-5, kernels: kernels)
      let trace = root.update(matrix, workspace: workspace)
      let expected = spectrum.eigenvalues.reduce(0) { $0 + $1.squareRoot() }
      #expect(relativeError(trace, expected) < 1e-4, "\(kernels.name)")
      let inverse = spectrum.matrix { 1 / $0.squareRoot() }
      let foundInverse = root.inverse.elements
      #expect(relativeError(foundInverse, inverse) < 1e-3)
      let exact = spectrum.matrix { $0.squareRoot() }
      let found = root.root(of: matrix, workspace: workspace).elements
      #expect(relativeError(found, exact) < 1e-3)
    }
  }

  /// Smaller eigenvalues than the resolution, and those that rounding made negative, count less
  /// than they should, and spoil nothing else.
  @Test func eigenvaluesBelowTheResolutionAreHarmless() {
    let eigenvalues = (0..<64).map { $0 < 32 ? 1.0 / Double($0 + 1) : 1e-12 }
    let spectrum = Spectrum(eigenvalues)
    let kernels = Kernels.available[0]
    let root = MatrixRoot(size: 64, resolution: 1e-5, kernels: kernels)
    let trace = root.update(
      FloatBuffer(spectrum.matrix { $0 }), workspace: Workspace(kernels: kernels))
    let expected = eigenvalues.reduce(0) { $0 + $1.squareRoot() }
    #expect(relativeError(trace, expected) < 1e-3)
    let inverse = root.inverse.elements
    #expect(inverse.allSatisfy { $0.isFinite })
  }

  @Test func theRootOfZeroIsZero() {
    let kernels = Kernels.available[0]
    let workspace = Workspace(kernels: kernels)
    let zero = FloatBuffer([Float](repeating: 0, count: 25))
    let root = MatrixRoot(size: 5, resolution: 1e-5, kernels: kernels)
    let trace = root.update(zero, workspace: workspace)
    let inverse = root.inverse.elements
    #expect(trace == 0 && inverse.allSatisfy { $0 == 0 })
  }

  @Test func threadsDoNotChangeABit() {
    let spectrum = Spectrum((0..<67).map { 1 / Double($0 + 1) })
    let kernels = Kernels.available[0]
    let results = [1, 2, 7].map { threads in
      let root = MatrixRoot(size: 67, resolution: 1e-5, kernels: kernels)
      let trace = root.update(
        FloatBuffer(spectrum.matrix { $0 }),
        workspace: Workspace(kernels: kernels, threads: threads))
      return root.inverse.elements.map(\.bitPattern) + [Float(trace).bitPattern]
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
