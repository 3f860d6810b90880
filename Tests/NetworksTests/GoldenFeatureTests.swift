import Engine
import Networks
import TestSupport
import Testing

@Suite struct GoldenFeatureTests {
  @Test(arguments: Pooling.allCases)
  func activationsMatchPyTorch(pooling: Pooling) throws {
    let layers = Architecture.vgg16.layers.filter { $0.kind == .relu }
    let x = Golden.shared["x"]
    let network = ShippedNetwork.network(pooling)
    for kernels in Kernels.available {
      let extractor = try FeatureExtractor(
        network: network, height: x.shape[0], width: x.shape[1], features: Set(layers),
        hasGradient: false,
        workspace: Workspace(kernels: kernels))
      x.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
      for layer in layers {
        let expected = Golden.shared["\(pooling.rawValue).\(layer.name)"]
        let actual = extractor.features(layer).tensor
        #expect(actual.shape == expected.shape)
        #expect(
          relativeError(actual.elements, expected.elements) < 1e-4, "\(layer) with \(kernels.name)")
      }
    }
  }
}
