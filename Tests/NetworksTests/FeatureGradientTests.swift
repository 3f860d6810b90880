import Engine
import Foundation
import ModelFiles
import Networks
import TestSupport
import Testing

/// Compares the gradients of all kinds of taps with central differences of a naive network in
/// double precision.
@Suite struct FeatureGradientTests {
  private static let names = [
    "relu1_1", "conv1_1:pre", "relu1_2", "conv1_2:pre", "pool1", "relu2_1", "conv2_1:pre", "pool2",
  ]

  /// The naive features of a picture, 0…1, at a layer.
  private func naive(
    _ image: [Double], height: Int, width: Int, pooling: Pooling, file: ModelFile
  ) throws
    -> [String: Naive.Map]
  {
    let mean = [123.68, 116.779, 103.939]
    var map = Naive.Map(
      height: height, width: width, channels: 3,
      values: image.enumerated().map { 255 * $0.element - mean[$0.offset % 3] })
    var result: [String: Naive.Map] = [:]
    for (block, channels) in [(1, 64), (2, 128)] {
      for number in 1...2 {
        let name = "conv\(block)_\(number)"
        let before = Naive.convolution(
          map, weights: try file.tensor("\(name).weight").elements.map(Double.init),
          outputs: channels, size: 3,
          bias: try file.tensor("\(name).bias").elements.map(Double.init))
        result["\(name):pre"] = before
        map = Naive.relu(before)
        result["relu\(block)_\(number)"] = map
      }
      map = Naive.pooling(map, pooling == .average ? Naive.mean : Naive.largest)
      result["pool\(block)"] = map
    }
    return result
  }

  @Test(arguments: Pooling.allCases)
  func everyKindOfTapHasValueAndGradient(pooling: Pooling) throws {
    let (height, width) = (5, 4)
    var random = SmallRandom(8)
    let image = random.tensor([height, width, 3], in: 0...1)
    let file = try ModelFile(path: ShippedNetwork.path)
    let expected = try naive(
      image.elements.map(Double.init), height: height, width: width, pooling: pooling, file: file)
    for name in Self.names {
      let tap = try Architecture.vgg16.layer(name)
      let extractor = try FeatureExtractor(
        network: ShippedNetwork.network(pooling), height: height, width: width, features: [tap],
        hasGradient: true,
        workspace: Workspace(kernels: .chosen()))
      image.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
      let features = extractor.features(tap).tensor
      #expect(
        relativeError(features.elements, expected[name]!.values.map(Float.init)) < 1e-5, "\(name)")

      let upstream = random.tensor([features.elements.count]).elements
      let gradient = FloatBuffer(count: image.elements.count)
      // The gradient of a squared distance is F - (F - upstream).
      let targets = FloatBuffer(zip(features.elements, upstream).map { $0 - $1 })
      defer { withExtendedLifetime(targets) {} }
      image.elements.withUnsafeBufferPointer {
        extractor.backward(
          [tap: LocalGradient(distance: (UnsafePointer(targets.pointer), 1))],
          of: $0.baseAddress!, into: gradient.pointer)
      }
      // Values at ten pixels are enough. The step crosses hardly any kink of ReLU or maximum.
      for i in stride(from: 0, to: image.elements.count, by: 6) {
        func value(_ shift: Double) throws -> Double {
          var moved = image.elements.map(Double.init)
          moved[i] += shift
          let map = try naive(moved, height: height, width: width, pooling: pooling, file: file)[
            name]!
          return zip(map.values, upstream).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        let step = 1e-7
        let difference = try (value(step) - value(-step)) / (2 * step)
        let scale = Double(gradient.elements.map(abs).max()!)
        #expect(abs(Double(gradient.pointer[i]) - difference) < 1e-3 * scale, "\(name) at \(i)")
      }
    }
  }

  @Test func gradientsOfSeveralTapsAdd() throws {
    let (height, width) = (9, 7)
    var random = SmallRandom(9)
    let image = random.tensor([height, width, 3], in: 0...1)
    let taps = try ["relu1_1", "conv1_2:pre", "relu1_2", "pool1", "relu2_2"].map(
      Architecture.vgg16.layer)
    func gradient(_ chosen: [Layer]) throws -> [Float] {
      let extractor = try FeatureExtractor(
        network: ShippedNetwork.network(.average), height: height, width: width,
        features: Set(chosen),
        hasGradient: true, workspace: Workspace(kernels: .chosen()))
      image.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
      let result = FloatBuffer(count: image.elements.count)
      let zeros = FloatBuffer([Float](repeating: 0, count: height * width * 64))
      defer { withExtendedLifetime(zeros) {} }
      image.elements.withUnsafeBufferPointer {
        let loss = LocalGradient(distance: (UnsafePointer(zeros.pointer), 1))
        extractor.backward(
          Dictionary(uniqueKeysWithValues: chosen.map { ($0, loss) }), of: $0.baseAddress!,
          into: result.pointer)
      }
      return result.elements
    }
    var sum = [Float](repeating: 0, count: image.elements.count)
    for tap in taps {
      for (i, value) in try gradient([tap]).enumerated() { sum[i] += value }
    }
    #expect(relativeError(try gradient(taps), sum) < 1e-5)
  }

  /// Gram matrices can be computed before a ReLU, after it, and of a pooling layer.
  @Test(arguments: Pooling.allCases)
  func everyKindOfTapHasAGramMatrix(pooling: Pooling) throws {
    let (height, width) = (9, 6)
    var random = SmallRandom(12)
    let image = random.tensor([height, width, 3], in: 0...1)
    let file = try ModelFile(path: ShippedNetwork.path)
    let expected = try naive(
      image.elements.map(Double.init), height: height, width: width, pooling: pooling, file: file)
    let layers = try Self.names.map(Architecture.vgg16.layer)
    // The set of taps decides the plan's steps, so they are tested together and one by one.
    for chosen in [layers] + layers.map({ [$0] }) {
      let extractor = try FeatureExtractor(
        network: ShippedNetwork.network(pooling), height: height, width: width,
        grams: Set(chosen), hasGradient: chosen.count > 1, workspace: Workspace(kernels: .chosen()))
      image.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
      for layer in chosen {
        let gram = Naive.gram(expected[layer.name]!).map(Float.init)
        #expect(
          relativeError(extractor.gram(layer).elements.elements, gram) < 1e-4,
          "\(layer) of \(chosen)")
      }
    }
  }

  /// The first block runs as one step if only Gram matrices are requested in it, and layer by layer
  /// if features are.
  @Test(
    arguments: Pooling.allCases, [(5, 4), (2, 3), (37, 29), (64, 70), (3, 161)])
  func theFusedFirstBlockMatchesItsLayers(pooling: Pooling, size: (Int, Int)) throws {
    let (height, width) = size
    var random = SmallRandom(10)
    let image = random.tensor([height, width, 3], in: 0...1)
    let layers = try ["relu1_1", "pool1"].map(Architecture.vgg16.layer)
    let factors = random.tensor([64, 64], in: -0.01...0.01).elements
    for (kernels, padding) in Kernels.available.flatMap({ kernels in
      Padding.allCases.map { (kernels, $0) }
    }) {
      let network = try ShippedNetwork.network(pooling, padding)
      let workspace = Workspace(kernels: kernels)
      let factor = PackedMatrix(depth: 64, columns: 64, kernels: kernels)
      factor.fill { factors[64 * $0 + $1] }
      let zeros = FloatBuffer([Float](repeating: 0, count: height * width * 64))
      defer { withExtendedLifetime(zeros) {} }
      let losses = [
        layers[0]: LocalGradient(statistics: .init(matrix: factor)),
        layers[1]: LocalGradient(distance: (UnsafePointer(zeros.pointer), 1)),
      ]
      func run(_ features: Set<Layer>) throws -> (gram: [Float], pooled: [Float], gradient: [Float])
      {
        let extractor = try FeatureExtractor(
          network: network, height: height, width: width,
          features: features, grams: [layers[0]], hasGradient: true, workspace: workspace)
        let gradient = FloatBuffer(count: image.elements.count)
        return image.elements.withUnsafeBufferPointer { image in
          extractor.forward(image.baseAddress!)
          let gram = extractor.gram(layers[0]).elements.elements
          let pooled = extractor.features(layers[1]).tensor.elements
          extractor.backward(losses, of: image.baseAddress!, into: gradient.pointer)
          return (gram, pooled, gradient.elements)
        }
      }
      let inOneGo = try run([layers[1]])
      let oneByOne = try run(Set(layers))
      #expect(relativeError(inOneGo.gram, oneByOne.gram) < 1e-5, "\(kernels.name) \(padding)")
      #expect(relativeError(inOneGo.pooled, oneByOne.pooled) < 1e-4, "\(kernels.name) \(padding)")
      #expect(
        relativeError(inOneGo.gradient, oneByOne.gradient) < 1e-4, "\(kernels.name) \(padding)")
    }
  }

  @Test func picturesTooSmallForPoolingAreErrors() throws {
    let deep = try Architecture.vgg16.layer("relu5_1")
    #expect {
      try FeatureExtractor(
        network: ShippedNetwork.network(.average), height: 15, width: 40, features: [deep],
        hasGradient: false,
        workspace: Workspace(kernels: .chosen()))
    } throws: { String(describing: $0).contains("at least 16x16") }
    _ = try FeatureExtractor(
      network: ShippedNetwork.network(.average), height: 16, width: 16, features: [deep],
      hasGradient: false,
      workspace: Workspace(kernels: .chosen()))
  }
}
