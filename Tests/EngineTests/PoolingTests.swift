import Engine
import TestSupport
import Testing

@Suite struct PoolingTests {
  private static let shapes = [(2, 2, 1), (5, 7, 3), (4, 6, 16), (3, 2, 20), (9, 9, 8)]

  /// The reference output of a ReLU and a pooling layer.
  private func forward(_ pooling: Pooling, _ values: [Double], _ shape: (Int, Int, Int))
    -> Naive.Map
  {
    let map = Naive.Map(height: shape.0, width: shape.1, channels: shape.2, values: values)
    return Naive.pooling(Naive.relu(map), pooling == .average ? Naive.mean : Naive.largest)
  }

  @Test(arguments: Pooling.allCases, shapes)
  func forwardPoolsWindows(pooling: Pooling, shape: (Int, Int, Int)) {
    var random = SmallRandom(1)
    let input = random.tensor([shape.0, shape.1, shape.2], in: 0...1)
    let expected = forward(pooling, input.elements.map(Double.init), shape)
    let map = MapShape(height: shape.0, width: shape.1, channels: shape.2)
    let output = FloatBuffer(count: pooling.outputShape(of: map).count)
    input.elements.withUnsafeBufferPointer {
      pooling.forward(
        $0.baseAddress!, map, into: output.pointer,
        workspace: Workspace(kernels: Kernels.available[0]))
    }
    #expect(relativeError(output.elements, expected.values.map(Float.init)) < 1e-6)
  }

  @Test(arguments: Pooling.allCases, shapes)
  func backwardIsTheGradientBeforeTheReLU(pooling: Pooling, shape: (Int, Int, Int)) {
    checkBackward(pooling, shape, hasAddend: false)
    checkBackward(pooling, shape, hasAddend: true)
  }

  private func checkBackward(_ pooling: Pooling, _ shape: (Int, Int, Int), hasAddend: Bool) {
    var random = SmallRandom(2)
    // Distinct multiples of 0.01, offset by 0.005: away from the ReLU's kink, and without ties.
    let count = shape.0 * shape.1 * shape.2
    let input = (0..<count).shuffled(using: &random).map { Double($0 - count / 3) / 100 + 0.005 }
    let map = MapShape(height: shape.0, width: shape.1, channels: shape.2)
    let upstream = random.tensor([pooling.outputShape(of: map).count])
    let addend = random.tensor([count])
    let expected = centralDifferences(at: input, step: 1e-4) { values in
      let pooled = zip(forward(pooling, values, shape).values, upstream.elements).reduce(0) {
        $0 + $1.0 * Double($1.1)
      }
      let direct = zip(values, addend.elements).reduce(0) { $0 + max($1.0, 0) * Double($1.1) }
      return pooled + (hasAddend ? direct : 0)
    }
    let buffer = FloatBuffer(input.map { Float(max($0, 0)) })
    // The gradient of this squared distance is F - (F - addend), the addend.
    let targets = FloatBuffer(zip(buffer.elements, addend.elements).map { $0 - $1 })
    defer { withExtendedLifetime(targets) {} }
    let loss = LocalGradient(distance: (UnsafePointer(targets.pointer), 1))
    upstream.elements.withUnsafeBufferPointer {
      pooling.backward(
        $0.baseAddress!, replacing: buffer.pointer, map,
        adding: hasAddend ? loss : nil,
        workspace: Workspace(kernels: Kernels.available[0]))
    }
    #expect(relativeError(buffer.elements, expected.map(Float.init)) < 1e-5)
  }
}
