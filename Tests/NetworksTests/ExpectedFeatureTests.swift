import Engine
import ModelFiles
import Networks
import TestSupport
import Testing

/// Compares features and gradients with PyTorch's in double precision, for every preprocessing,
/// padding and rounding, on a picture of odd size.
@Suite struct ExpectedFeatureTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let prefix: String
    let file: String
    var given: InputConvention.Name?
    var testDescription: String { prefix }
  }

  static let examples = [
    Example(prefix: "caffe", file: "gatys.pth"),
    Example(prefix: "torchvision", file: "torchvision-legacy.pth", given: .torchvision),
    Example(prefix: "adain", file: "adain.pth"),
    Example(prefix: "adain-mixed", file: "adain-mixed.pth"),
  ]

  private static let layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]

  private func extractor(
    _ example: Example, _ files: VGGFiles, _ picture: Tensor, features: [String],
    hasGradient: Bool = false
  ) throws -> (FeatureExtractor, [Layer]) {
    let file = try ModelFile(path: files.path(example.file))
    let weights = try VGGWeights(file, convention: example.given.map { InputConvention($0) })
    let layers = try features.map { try weights.architecture.layer($0) }
    let extractor = try FeatureExtractor(
      network: FeatureNetwork(weights: weights, pooling: .max), height: picture.shape[0],
      width: picture.shape[1], features: Set(layers), hasGradient: hasGradient,
      workspace: Workspace(kernels: .chosen()))
    picture.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    return (extractor, layers)
  }

  @Test(arguments: examples, VGGFiles.present)
  func featuresMatchPyTorch(example: Example, files: VGGFiles) throws {
    let picture = try files.expected("picture")
    let (extractor, layers) = try extractor(example, files, picture, features: Self.layers)
    for layer in layers {
      let expected = try files.expected("\(example.prefix)/\(layer.name)")
      let found = extractor.features(layer).tensor
      #expect(found.shape == expected.shape, "\(layer.name)")
      #expect(relativeError(found.elements, expected.elements) < 1e-5, "\(layer.name)")
    }
  }

  /// The loss is half the sum of squares at two layers.
  @Test(arguments: examples, VGGFiles.present)
  func gradientsMatchPyTorch(example: Example, files: VGGFiles) throws {
    let picture = try files.expected("picture")
    let (extractor, layers) = try extractor(
      example, files, picture, features: ["relu1_1", "relu4_1"], hasGradient: true)
    let zeros = layers.map { layer in
      let zeros = FloatBuffer(count: extractor.features(layer).shape.count)
      zeros.pointer.update(repeating: 0, count: zeros.count)
      return zeros
    }
    let losses = zip(layers, zeros).map {
      ($0, LocalGradient(distance: (UnsafePointer($1.pointer), 1)))
    }
    var gradient = [Float](repeating: 0, count: picture.elements.count)
    picture.elements.withUnsafeBufferPointer { image in
      gradient.withUnsafeMutableBufferPointer {
        extractor.backward(
          Dictionary(uniqueKeysWithValues: losses), of: image.baseAddress!,
          into: $0.baseAddress!)
      }
    }
    withExtendedLifetime(zeros) {}
    let expected = try files.expected("\(example.prefix)/gradient").elements
    #expect(relativeError(gradient, expected) < 1e-4)
  }
}
