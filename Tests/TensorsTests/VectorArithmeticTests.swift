import Tensors
import TestSupport
import Testing

@Suite struct VectorArithmeticTests {
  @Test(arguments: [0, 1, 15, 16, 17, 4096, 10_001])
  func dotAndDistanceAreTheSums(count: Int) {
    var random = SmallRandom(UInt64(count))
    let (a, b) = (random.tensor([count]).elements, random.tensor([count]).elements)
    let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(VectorArithmetic.dot(a, b) - dot) < 1e-4)
    let distance = Naive.squaredDistance(a.map(Double.init), b.map(Double.init))
    let actual = a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        count == 0
          ? 0 : VectorArithmetic.squaredDistance(a.baseAddress!, b.baseAddress!, count: count)
      }
    }
    #expect(abs(actual - distance) <= 1e-5 * distance)
  }

  @Test func sumsAreElementwise() {
    var to: [Float] = [1, 2, 3]
    VectorArithmetic.add([10, 20, 30], times: 0.5, to: &to)
    #expect(to == [6, 12, 18])
    VectorArithmetic.sum([1, 1, 1], [1, 2, 3], times: 2, into: &to)
    #expect(to == [3, 5, 7])
    VectorArithmetic.scale(&to, by: -1)
    #expect(to == [-3, -5, -7])
  }
}
