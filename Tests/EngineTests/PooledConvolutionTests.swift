import Engine
import TestSupport
import Testing

/// Tests convolutions with a fused ReLU and pooling layer, and the bits that they write for the
/// backward pass.
@Suite struct PooledConvolutionTests {
  private static let channels = (inputs: 32, outputs: 64)
  /// Sizes with whole tiles, with odd remainders, of less than a tile, and of one window.
  private static let shapes = [(8, 12), (13, 7), (24, 25), (2, 2), (3, 5)]

  private struct Layer {
    let shape: MapShape
    let input: Tensor
    let weights: Tensor
    let bias: Tensor
    let upstream: Tensor

    init(height: Int, width: Int) {
      var random = SmallRandom(UInt64(height))
      shape = MapShape(height: height, width: width, channels: channels.inputs)
      input = random.tensor([height, width, channels.inputs])
      weights = random.tensor([channels.outputs, channels.inputs, 3, 3])
      bias = random.tensor([channels.outputs])
      upstream = random.tensor([height / 2, width / 2, channels.outputs])
    }

    /// The ReLU's output.
    var rectified: Naive.Map {
      Naive.relu(
        Naive.convolution(
          Naive.Map(
            height: shape.height, width: shape.width, channels: channels.inputs,
            values: input.elements.map(Double.init)),
          weights: weights.elements.map(Double.init), outputs: channels.outputs, size: 3,
          bias: bias.elements.map(Double.init)))
    }

    /// The gradient, with respect to the ReLU's input, of the sum of the pooled values weighted by
    /// `upstream`.
    func gradient(_ pooling: Pooling) -> Naive.Map {
      let map = rectified
      var result = map
      result.values = map.values.map { _ in 0 }
      for y in 0..<map.height / 2 {
        for x in 0..<map.width / 2 {
          for channel in 0..<map.channels {
            let window = [(0, 0), (0, 1), (1, 0), (1, 1)].map { (2 * y + $0.0, 2 * x + $0.1) }
            let values = window.map { map.value($0.0, $0.1, channel) }
            let first = values.firstIndex(of: values.max()!)!
            let weight = Double(
              upstream.elements[(y * (map.width / 2) + x) * map.channels + channel])
            for (index, place) in window.enumerated() where values[index] > 0 {
              let share = pooling == .average ? 0.25 : index == first ? 1 : 0
              result.values[(place.0 * map.width + place.1) * map.channels + channel] =
                share * weight
            }
          }
        }
      }
      return result
    }
  }

  @Test(arguments: Pooling.allCases, shapes)
  func forwardPoolsAndBackwardGoesWhereTheBitsAre(pooling: Pooling, size: (Int, Int)) {
    let layer = Layer(height: size.0, width: size.1)
    let pooled = Naive.pooling(
      layer.rectified, pooling == .average ? Naive.mean : Naive.largest
    ).values.map(Float.init)
    // The backward pass of a convolution is a convolution with flipped weights.
    let flipped = (0..<Self.channels.inputs).flatMap { input in
      (0..<Self.channels.outputs).flatMap { output in
        (0..<9).map { tap in
          Double(layer.weights.elements[(output * Self.channels.inputs + input) * 9 + 8 - tap])
        }
      }
    }
    let expected = Naive.convolution(
      layer.gradient(pooling), weights: flipped, outputs: Self.channels.inputs, size: 3
    ).values.map(Float.init)
    for kernels in Kernels.available {
      for precision in PackedConvolution.Precision.allCases {
        let (values, gradient) = run(layer, pooling, kernels, precision)
        let name = "\(kernels.name) \(precision)"
        #expect(relativeError(values, pooled) < precision.tolerance(kernels), "\(name)")
        #expect(relativeError(gradient, expected) < precision.tolerance(kernels), "\(name)")
      }
    }
  }

  private func run(
    _ layer: Layer, _ pooling: Pooling, _ kernels: Kernels, _ precision: PackedConvolution.Precision
  ) -> (pooled: [Float], gradient: [Float]) {
    let workspace = Workspace(kernels: kernels)
    func convolution(
      _ direction: PackedConvolution.Direction, _ precision: PackedConvolution.Precision
    ) -> PackedConvolution {
      PackedConvolution(
        weights: FloatBuffer(layer.weights.elements), shape: layer.weights.shape,
        direction: direction, precision: precision, workspace: workspace)
    }
    let (input, bias) = (FloatBuffer(layer.input.elements), FloatBuffer(layer.bias.elements))
    let values = FloatBuffer(count: layer.upstream.elements.count)
    var outer = layer.shape
    outer.channels = Self.channels.outputs
    let bits = SignBits(count: outer.count)
    func pool(_ precision: PackedConvolution.Precision, into values: FloatBuffer) {
      convolution(.forward, precision)(
        .map(input.pointer), layer.shape,
        into: .pooled(values.pointer, bits, pooling, bias: bias.pointer), workspace: workspace)
    }
    pool(precision, into: values)
    // Rounded values lie on the other side of some decisions.
    if precision == .mixed || precision == .low {
      pool(.high, into: FloatBuffer(count: values.count))
    }
    let upstream = FloatBuffer(layer.upstream.elements)
    defer { withExtendedLifetime((input, bias, upstream)) {} }
    let gradient = FloatBuffer(count: layer.shape.count)
    convolution(.backward, precision)(
      .unpooled(upstream.pointer, bits, pooling), outer, into: .map(gradient.pointer, Epilogue()),
      workspace: workspace)
    return (values.elements, gradient.elements)
  }

  @Test(arguments: shapes)
  func signsMaskAsTheMapDoes(size: (Int, Int)) {
    let layer = Layer(height: size.0, width: size.1)
    for kernels in Kernels.available {
      for precision in PackedConvolution.Precision.allCases {
        let workspace = Workspace(kernels: kernels)
        let convolution = PackedConvolution(
          weights: FloatBuffer(layer.weights.elements), shape: layer.weights.shape,
          direction: .forward, precision: precision, workspace: workspace)
        let input = FloatBuffer(layer.input.elements)
        defer { withExtendedLifetime(input) {} }
        let count = layer.shape.positions * Self.channels.outputs
        let (map, signs) = (FloatBuffer(count: count), SignBits(count: count))
        defer { withExtendedLifetime(map) {} }
        func run(_ epilogue: Epilogue, into map: FloatBuffer) {
          convolution(
            .map(input.pointer), layer.shape, into: .map(map.pointer, epilogue),
            workspace: workspace)
        }
        run(Epilogue(relu: true, signs: signs), into: map)
        let (byMap, byBits) = (FloatBuffer(count: count), FloatBuffer(count: count))
        run(Epilogue(mask: .positive(map.pointer)), into: byMap)
        run(Epilogue(mask: .bits(signs)), into: byBits)
        #expect(byMap.elements == byBits.elements, "\(kernels.name) \(precision)")
        #expect(byMap.elements.contains(0) && byMap.elements.contains { $0 > 0 })
      }
    }
  }
}
