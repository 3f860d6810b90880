import Tensors
import TestSupport
import Testing

@Suite struct VectorArithmeticTests {
  @Test(arguments: [0, 1, 15, 16, 17, 4096, 10_001, 70_003])
  func dotAndDistanceAreTheSums(count: Int) {
    var random = SmallRandom(UInt64(count))
    let (a, b) = (random.tensor([count]).elements, random.tensor([count]).elements)
    let (first, second) = (FloatBuffer(a), FloatBuffer(b))
    defer { withExtendedLifetime((first, second)) {} }
    let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let distance = Naive.squaredDistance(a.map(Double.init), b.map(Double.init))
    let results = [1, 2, 3].map { threads in
      let arithmetic = VectorArithmetic(
        workspace: Workspace(kernels: Kernels.available[0], threads: threads))
      let actual = arithmetic.dot(first.pointer, second.pointer, count: count)
      #expect(abs(actual - dot) < 1e-3)
      #expect(
        abs(arithmetic.squaredDistance(first.pointer, second.pointer, count: count) - distance)
          <= 1e-5 * distance)
      return actual
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test(arguments: [1, 17, 2048, 70_003])
  func productsOfSeveralVectorsAndTheirSum(count: Int) {
    var random = SmallRandom(UInt64(count))
    let vectors = (0..<4).map { _ in random.tensor([count]).elements }
    let buffers = vectors.map { FloatBuffer($0) }
    defer { withExtendedLifetime(buffers) {} }
    let pointers = buffers.map { UnsafePointer($0.pointer) }
    let arithmetic = VectorArithmetic(workspace: Workspace(kernels: Kernels.available[0]))
    let dots = arithmetic.dots([pointers[3], pointers[1]], pointers, count: count)
    for (i, this) in [3, 1].enumerated() {
      for other in 0..<4 {
        let expected = zip(vectors[this], vectors[other]).reduce(0.0) {
          $0 + Double($1.0) * Double($1.1)
        }
        #expect(abs(dots[i][other] - expected) < 1e-3)
      }
    }
    let sum = FloatBuffer(count: count)
    arithmetic.combine(pointers, [1, -2, 0.5, 3], into: sum.pointer, count: count)
    let expected = (0..<count).map { i -> Float in
      let (first, second): (Float, Float) = (vectors[0][i] - 2 * vectors[1][i], vectors[2][i] / 2)
      return first + second + 3 * vectors[3][i]
    }
    #expect(relativeError(sum.elements, expected) < 1e-6)
  }
}
