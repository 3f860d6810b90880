import Engine
import Networks
import TestSupport
import Testing

/// Tests where a fast network rounds to bfloat16, with all kernels.
@Suite struct PrecisionTests {
  private static let fast = FeatureNetwork(
    weights: ShippedNetwork.network(.average).weights, precision: .fast)

  /// The range of an error that bfloat16 makes, or the bound of single precision.
  private static func isRight(_ error: Float, rounds: Bool) -> Bool {
    rounds ? (1e-4..<3e-2).contains(error) : error < 1e-4
  }

  @Test func onlyDeepActivationsAreRounded() throws {
    let layers = Architecture.vgg16.layers.filter { $0.kind == .relu }
    let x = Golden.shared["x"]
    for kernels in Kernels.available {
      let extractor = try FeatureExtractor(
        network: Self.fast, height: x.shape[0], width: x.shape[1], features: Set(layers),
        hasGradient: false, workspace: Workspace(kernels: kernels))
      x.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
      for layer in layers {
        let expected = Golden.shared["\(Pooling.average.rawValue).\(layer.name)"]
        let error = relativeError(extractor.features(layer).tensor.elements, expected.elements)
        #expect(
          Self.isRight(error, rounds: kernels.hasBFloat16 && layer.block >= 3),
          "\(layer) with \(kernels.name): \(error)")
      }
    }
  }

  /// The forward pass of these layers is exact, and all decisions are the same.
  @Test func gradientsOfEarlyLayersAreRounded() throws {
    let (height, width) = (37, 45)
    var random = SmallRandom(4)
    let image = random.tensor([height, width, 3], in: 0...1)
    let tap = try Architecture.vgg16.layer("relu2_2")
    let positions = (height / 2) * (width / 2)
    let upstream = FloatBuffer(random.tensor([positions, tap.channels]).elements)
    defer { withExtendedLifetime(upstream) {} }
    func gradient(_ network: FeatureNetwork, _ kernels: Kernels) throws -> [Float] {
      let extractor = try FeatureExtractor(
        network: network, height: height, width: width, features: [tap], hasGradient: true,
        workspace: Workspace(kernels: kernels))
      let gradient = FloatBuffer(count: image.elements.count)
      image.elements.withUnsafeBufferPointer {
        extractor.forward($0.baseAddress!)
        extractor.backward(
          [tap: LocalGradient(upstream: [UnsafePointer(upstream.pointer)])], of: $0.baseAddress!,
          into: gradient.pointer)
      }
      return gradient.elements
    }
    for kernels in Kernels.available {
      let exact = try gradient(ShippedNetwork.network(.average), kernels)
      let error = relativeError(try gradient(Self.fast, kernels), exact)
      #expect(Self.isRight(error, rounds: kernels.hasBFloat16), "\(kernels.name): \(error)")
    }
  }
}
