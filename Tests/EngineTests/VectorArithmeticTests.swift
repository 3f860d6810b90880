import Engine
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
}
