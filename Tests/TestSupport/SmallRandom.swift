import Engine

/// A generator of reproducible random numbers and tensors.
package struct SmallRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) {
    state = seed &+ 0x9e37_79b9
  }

  /// Advances a linear congruential generator with Knuth's constants and returns its high bits.
  package mutating func next() -> UInt64 {
    func advance() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 32
    }
    let high = advance()
    return high << 32 | advance()
  }

  package mutating func tensor(_ shape: [Int], in range: ClosedRange<Float> = -1...1) -> Tensor {
    Tensor(
      shape: shape,
      elements: (0..<shape.reduce(1, *)).map { _ in Float.random(in: range, using: &self) })
  }
}
