import Engine
import TestSupport
import Testing

/// The shapes of a layer and a map, grouped by the method that the engine uses for them.
struct ConvolutionCase: CustomTestStringConvertible {
  let inputs: Int
  let outputs: Int
  let size: Int
  let height: Int
  let width: Int

  var testDescription: String { "\(inputs) to \(outputs), \(size)x\(size), on \(height)x\(width)" }

  static let all = [
    // Winograd's method, with whole tiles, odd remainders and less than a tile.
    ConvolutionCase(inputs: 32, outputs: 64, size: 3, height: 8, width: 12),
    ConvolutionCase(inputs: 64, outputs: 32, size: 3, height: 7, width: 9),
    ConvolutionCase(inputs: 32, outputs: 32, size: 3, height: 1, width: 5),
    ConvolutionCase(inputs: 32, outputs: 32, size: 3, height: 3, width: 1),
    ConvolutionCase(inputs: 320, outputs: 32, size: 3, height: 5, width: 6),
    ConvolutionCase(inputs: 64, outputs: 64, size: 3, height: 31, width: 45),
    // Enough weights for the threads to share a block.
    ConvolutionCase(inputs: 256, outputs: 256, size: 3, height: 6, width: 9),
    // Row method: few channels, partial panels, and other kernel sizes.
    ConvolutionCase(inputs: 20, outputs: 48, size: 3, height: 5, width: 5),
    ConvolutionCase(inputs: 3, outputs: 64, size: 3, height: 13, width: 11),
    ConvolutionCase(inputs: 5, outputs: 7, size: 3, height: 6, width: 5),
    ConvolutionCase(inputs: 3, outputs: 3, size: 1, height: 5, width: 4),
    ConvolutionCase(inputs: 4, outputs: 5, size: 5, height: 3, width: 9),
    // Projection: many inputs and few outputs.
    ConvolutionCase(inputs: 64, outputs: 3, size: 3, height: 19, width: 7),
    ConvolutionCase(inputs: 27, outputs: 1, size: 5, height: 1, width: 3),
  ]
}

extension ConvolutionCase {
  /// Whether the map is large enough for a padding. Reflected positions must lie within the map.
  func allows(_ padding: Padding) -> Bool {
    padding != .reflect || min(height, width) > size / 2
  }
}

/// All combinations of kernels and precision on this processor.
private let variants = Kernels.available.flatMap { kernels in
  PackedConvolution.Precision.allCases.map { (kernels, $0) }
}

@Suite struct ConvolutionTests {
  private func doubles(_ tensor: Tensor) -> [Double] { tensor.elements.map(Double.init) }

  private func run(
    _ convolution: PackedConvolution, _ input: Tensor, epilogue: Epilogue, workspace: Workspace,
    over output: [Float]? = nil
  ) -> [Float] {
    let (height, width) = (input.shape[0], input.shape[1])
    let shape = MapShape(height: height, width: width, channels: input.shape[2])
    let result = FloatBuffer(count: height * width * convolution.outputs)
    if let output { for (i, value) in output.enumerated() { result.pointer[i] = value } }
    input.elements.withUnsafeBufferPointer {
      convolution(
        .map($0.baseAddress!), shape, into: .map(result.pointer, epilogue), workspace: workspace)
    }
    return result.elements
  }

  @Test(arguments: ConvolutionCase.all)
  func forwardIsTheCorrelationWithBiasAndReLU(_ shape: ConvolutionCase) {
    var random = SmallRandom(12)
    let input = random.tensor([shape.height, shape.width, shape.inputs])
    let weights = random.tensor([shape.outputs, shape.inputs, shape.size, shape.size])
    let bias = random.tensor([shape.outputs])
    let map = Naive.Map(
      height: shape.height, width: shape.width, channels: shape.inputs, values: doubles(input))
    for padding in Padding.allCases where shape.allows(padding) {
      let expected = Naive.relu(
        Naive.convolution(
          map, weights: doubles(weights), outputs: shape.outputs, size: shape.size,
          bias: doubles(bias), padding: padding)
      ).values.map(Float.init)
      for (kernels, precision) in variants {
        let workspace = Workspace(kernels: kernels)
        let convolution = PackedConvolution(
          weights: FloatBuffer(weights.elements), shape: weights.shape, direction: .forward,
          padding: padding, precision: precision, workspace: workspace)
        let biases = FloatBuffer(bias.elements)
        defer { withExtendedLifetime(biases) {} }
        let epilogue = Epilogue(bias: biases.pointer, relu: true)
        let actual = run(convolution, input, epilogue: epilogue, workspace: workspace)
        #expect(
          relativeError(actual, expected) < precision.tolerance(kernels),
          "\(kernels.name) \(precision) \(padding)")
      }
    }
  }

  /// Compares with the gradient of a random weighted sum of the output.
  @Test(arguments: ConvolutionCase.all.filter { $0.height * $0.width * $0.inputs <= 3000 })
  func backwardIsTheGradient(_ shape: ConvolutionCase) {
    var random = SmallRandom(2)
    let input = random.tensor([shape.height, shape.width, shape.inputs])
    let weights = random.tensor([shape.outputs, shape.inputs, shape.size, shape.size])
    let upstream = random.tensor([shape.height, shape.width, shape.outputs])
    let (doubleWeights, doubleUpstream) = (doubles(weights), doubles(upstream))
    for padding in Padding.allCases where shape.allows(padding) {
      // The function is linear, so its values at unit vectors are its exact derivatives.
      let expected = (0..<input.elements.count).map { i in
        var unit = [Double](repeating: 0, count: input.elements.count)
        unit[i] = 1
        let map = Naive.Map(
          height: shape.height, width: shape.width, channels: shape.inputs, values: unit)
        let output = Naive.convolution(
          map, weights: doubleWeights, outputs: shape.outputs, size: shape.size, padding: padding)
        return Float(zip(output.values, doubleUpstream).reduce(0) { $0 + $1.0 * $1.1 })
      }
      for (kernels, precision) in variants {
        let workspace = Workspace(kernels: kernels)
        let convolution = PackedConvolution(
          weights: FloatBuffer(weights.elements), shape: weights.shape, direction: .backward,
          padding: padding, precision: precision, workspace: workspace)
        let actual = run(convolution, upstream, epilogue: Epilogue(), workspace: workspace)
        #expect(
          relativeError(actual, expected) < precision.tolerance(kernels),
          "\(kernels.name) \(precision) \(padding)")
      }
    }
  }

  /// Checks the epilogue of a layer with a loss: the loss's gradient is added before the mask, and
  /// the result replaces the map.
  @Test(arguments: ConvolutionCase.all)
  func gradientOfALossComesBeforeTheMaskWhichTheOutputReplaces(_ shape: ConvolutionCase) {
    var random = SmallRandom(3)
    let input = random.tensor([shape.height, shape.width, shape.inputs])
    let weights = random.tensor([shape.outputs, shape.inputs, shape.size, shape.size])
    let map = random.tensor([shape.height, shape.width, shape.outputs])
    let target = random.tensor([shape.height, shape.width, shape.outputs])
    let factor = random.tensor([shape.outputs, shape.outputs])
    for kernels in Kernels.available {
      let workspace = Workspace(kernels: kernels)
      let convolution = PackedConvolution(
        weights: FloatBuffer(weights.elements), shape: weights.shape, direction: .forward,
        workspace: workspace)
      let plain = run(convolution, input, epilogue: Epilogue(), workspace: workspace)
      let expected = plain.indices.map { i -> Float in
        let (position, channel) = i.quotientAndRemainder(dividingBy: shape.outputs)
        let product = (0..<shape.outputs).reduce(Float(0)) {
          $0 + map.elements[position * shape.outputs + $1]
            * factor.elements[$1 * shape.outputs + channel]
        }
        let distance = 0.5 * (map.elements[i] - target.elements[i])
        return map.elements[i] > 0 ? plain[i] + product + distance : 0
      }
      let packed = PackedMatrix(depth: shape.outputs, columns: shape.outputs, kernels: kernels)
      packed.fill { factor.elements[$0 * shape.outputs + $1] }
      let (targets, output) = (FloatBuffer(target.elements), FloatBuffer(map.elements))
      defer { withExtendedLifetime((targets, output)) {} }
      let loss = LocalGradient(
        statistics: .init(matrix: packed), distance: (UnsafePointer(targets.pointer), 0.5))
      let shapeOfMap = MapShape(height: shape.height, width: shape.width, channels: shape.inputs)
      input.elements.withUnsafeBufferPointer {
        let epilogue = Epilogue(
          gradient: (loss, UnsafePointer(output.pointer)), mask: .positive(output.pointer))
        convolution(
          .map($0.baseAddress!), shapeOfMap, into: .map(output.pointer, epilogue),
          workspace: workspace)
      }
      #expect(relativeError(output.elements, expected) < 1e-5, "\(kernels.name)")
    }
  }

  @Test(arguments: ConvolutionCase.all)
  func threadsDoNotChangeABit(_ shape: ConvolutionCase) {
    var random = SmallRandom(4)
    let input = random.tensor([shape.height, shape.width, shape.inputs])
    let weights = random.tensor([shape.outputs, shape.inputs, shape.size, shape.size])
    let results = [1, 2, 5].map { threads in
      let workspace = Workspace(kernels: Kernels.available[0], threads: threads)
      let convolution = PackedConvolution(
        weights: FloatBuffer(weights.elements), shape: weights.shape, direction: .forward,
        workspace: workspace)
      return run(convolution, input, epilogue: Epilogue(), workspace: workspace).map(\.bitPattern)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
