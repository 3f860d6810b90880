import Engine
import Files
import ModelFiles
import Networks
import TestSupport
import Testing

/// Compares weights with those that the original libraries wrote, bit by bit.
@Suite struct WeightsOfEveryFormatTests {
  /// A file with the properties that must be detected.
  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let format: ModelFormat
    var order = InputConvention.ChannelOrder.bgr
    var preprocessing = Preprocessing.caffe
    /// The convention that must be given, because it cannot be detected.
    var given: InputConvention.Name?
    var layout = "OIHW"
    var hasFullyConnectedLayers = true

    var testDescription: String { name }
  }

  static let examples = [
    Example(
      name: "reference.safetensors", format: .safetensors, order: .rgb,
      hasFullyConnectedLayers: false),
    Example(
      name: "torchvision.safetensors", format: .safetensors, order: .rgb,
      preprocessing: .torchvision, given: .torchvision),
    Example(
      name: "torchvision-legacy.pth", format: .pytorchStream, order: .rgb,
      preprocessing: .torchvision, given: .torchvision),
    Example(
      name: "torchvision-zip.pth", format: .pytorchArchive, order: .rgb,
      preprocessing: .torchvision, given: .torchvision),
    Example(name: "caffe-legacy.pth", format: .pytorchStream, given: .caffe),
    Example(name: "gatys.pth", format: .pytorchStream, hasFullyConnectedLayers: false),
    Example(
      name: "adain.pth", format: .pytorchArchive, order: .rgb, hasFullyConnectedLayers: false),
    Example(name: "tensorflow-vgg.npy", format: .numpy, layout: "HWIO"),
    Example(name: "tensorflow-vgg-python2.npy", format: .numpy, layout: "HWIO"),
    Example(name: "frossard.npz", format: .numpyArchive, order: .rgb, layout: "HWIO"),
    Example(name: "frossard-compressed.npz", format: .numpyArchive, order: .rgb, layout: "HWIO"),
    Example(name: "caffe-v1.caffemodel", format: .caffe),
    Example(name: "caffe-v2.caffemodel", format: .caffe),
    Example(name: "caffe-double.caffemodel", format: .caffe, hasFullyConnectedLayers: false),
    Example(name: "gluon.onnx", format: .onnx, order: .rgb, preprocessing: .torchvision),
    Example(name: "caffe2.onnx", format: .onnx),
    Example(
      name: "torch-export.onnx", format: .onnx, order: .rgb, preprocessing: .torchvision,
      given: .torchvision),
  ]

  @Test(arguments: examples, VGGFiles.present)
  func weightsMatchThoseThatWereWritten(example: Example, files: VGGFiles) throws {
    guard files.has(example.name) else { return }
    let file = try ModelFile(path: files.path(example.name))
    #expect(file.format == example.format)
    if example.given != nil {
      #expect(throws: NetworkError.self) { try VGGWeights(file) }
    }
    let weights = try VGGWeights(file, convention: example.given.map { InputConvention($0) })
    #expect(weights.convention.channelOrder == example.order)
    #expect(weights.convention.preprocessing == example.preprocessing)
    #expect(weights.kernelLayout == example.layout)
    #expect(weights.hasFullyConnectedLayers == example.hasFullyConnectedLayers)
    #expect(weights.architecture.name == "vgg19")
    let reference = try ModelFile(path: files.path("reference.safetensors"))
    for layer in weights.architecture.layers where layer.kind == .convolution {
      let name = "conv\(layer.block)_\(layer.number)"
      let kernel = try reference.tensor("\(name).weight").elements
      let bias = try reference.tensor("\(name).bias").elements
      #expect(try weights.weights(of: layer).elements.map(\.bitPattern) == kernel.map(\.bitPattern))
      #expect(try weights.biases(of: layer).elements.map(\.bitPattern) == bias.map(\.bitPattern))
    }
  }

  /// Features do not depend on the format of the file.
  @Test func featuresOfEveryFormatAgree() throws {
    let picture = try VGGFiles.small.expected("picture")
    var first: [Preprocessing: [Float]] = [:]
    for example in Self.examples where example.name != "adain.pth" {
      let weights = try VGGWeights(
        ModelFile(path: VGGFiles.small.path(example.name)),
        convention: example.given.map { InputConvention($0) })
      let layer = try weights.architecture.layer("relu5_1")
      let extractor = try FeatureExtractor(
        network: FeatureNetwork(weights: weights), height: picture.shape[0],
        width: picture.shape[1], features: [layer], hasGradient: false,
        workspace: Workspace(kernels: .chosen()))
      picture.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
      let features = extractor.features(layer).tensor.elements
      let expected = first[example.preprocessing] ?? features
      #expect(relativeError(features, expected) < 1e-6, "\(example.name)")
      first[example.preprocessing] = expected
    }
    #expect(first.count == 2)
  }

  @Test func halfPrecisionInACheckpointIsRounded() throws {
    let file = try ModelFile(path: VGGFiles.small.path("whole-module.pth"))
    let weights = try VGGWeights(file, convention: InputConvention(.torchvision))
    let reference = try ModelFile(path: VGGFiles.small.path("reference.safetensors"))
    let layer = try weights.architecture.layer("conv3_2:pre")
    let expected = try reference.tensor("conv3_2.weight").elements
    let found = try weights.weights(of: layer).elements
    #expect(relativeError(found, expected) < 1e-3)
    #expect(found != expected)
  }

  @Test func vgg16IsDetectedByItsConvolutions() throws {
    let file = try ModelFile(path: VGGFiles.small.path("vgg16.safetensors"))
    let weights = try VGGWeights(file, convention: InputConvention(.torchvision))
    #expect(weights.architecture.name == "vgg16")
    #expect(weights.architecture.channels == [8, 8, 16, 16, 16])
  }

  @Test func batchNormalizationIsRefused() throws {
    let file = try ModelFile(path: VGGFiles.small.path("vgg19-bn.pth"))
    let error = #expect(throws: ModelFileError.self) { try VGGWeights(file) }
    #expect(error?.description.contains("batch normalization") == true)
  }

  @Test func publishedNetworksAreDetectedByTheirFirstFilter() throws {
    // The first filter of Oxford's VGG-19 in MatConvNet's file: blue, green, red.
    let blue: [Float] = [
      0.34119523, 0.33999205, -0.04484424, 0.23215917, 0.08978214, -0.30331427, -0.07260918,
      -0.246675, -0.33683276,
    ]
    let green: [Float] = [
      0.46418372, 0.41810837, -0.04806903, 0.30511212, 0.10385381, -0.37314063, -0.07646758,
      -0.31070709, -0.46453714,
    ]
    let red: [Float] = [
      0.39416704, 0.37740308, -0.04594866, 0.2671299, 0.09986369, -0.34100872, -0.07573577,
      -0.28034249, -0.41602272,
    ]
    let bgr = try #require(KnownFilters.match(blue + green + red))
    #expect(bgr.title == "Oxford's VGG-19")
    #expect(bgr.convention == InputConvention(.caffe))
    let rgb = try #require(KnownFilters.match(red + green + blue))
    #expect(rgb.convention == InputConvention(channelOrder: .rgb, preprocessing: .caffe))
    let scaled = try #require(KnownFilters.match((blue + green + red).map { $0 * 0.021 }))
    #expect(scaled.title == "Oxford's VGG-19, normalized")
    #expect(KnownFilters.match((blue + green + red).map { -$0 }) == nil)
    #expect(KnownFilters.match([Float](repeating: 0.1, count: 27)) == nil)
    #expect(KnownFilters.match([Float](repeating: .nan, count: 27)) == nil)
  }

  /// The names of PyTorch's files end with the first eight digits of the SHA-256.
  @Test func theCatalogsDigestsFitTheNamesOfTheirFiles() throws {
    let files = Model.catalog.flatMap(\.files).filter { $0.name.hasSuffix(".pth") }
    let named = files.compactMap { file in
      file.name.firstMatch(of: /-([0-9a-f]{8})\.pth/).map { (file, String($0.1)) }
    }
    #expect(named.count == 4)
    for (file, digits) in named {
      switch file.digest {
      case .full(let digest): #expect(digest.hasPrefix(digits) && digest.count == 64)
      case .firstDigits(let first): #expect(first == digits)
      case .unknown: Issue.record("\(file.name)")
      }
    }
  }

  @Test func theConventionOfTheShippedNetworkIsDetected() throws {
    let weights = try VGGWeights(ModelFile(path: ShippedNetwork.path))
    #expect(
      weights.convention == InputConvention(channelOrder: .rgb, preprocessing: .caffe))
  }
}
