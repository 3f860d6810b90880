import ModelFiles

extension VGGWeights {
  /// Detects the input format of a network, from the most to the least reliable evidence.
  static func convention(
    of file: ModelFile, _ tensors: ConvolutionTensors, firstFilter: [Float],
    given: InputConvention?
  ) throws -> (InputConvention, evidence: String) {
    if tensors.colorTransform != nil {
      return (
        InputConvention(channelOrder: .rgb, preprocessing: .caffe),
        "the file's own 1x1 convolution does the preprocessing"
      )
    }
    if let given { return (given, "the catalog or a setting states it") }
    if let stated = stated(by: file.metadata) { return (stated, "the file's metadata state it") }
    if let known = KnownFilters.match(firstFilter) {
      return (known.convention, "the first filter is that of \(known.title)")
    }
    if let known = try PublishedFile.matching(file.path) {
      return (known.convention, "the SHA-256 is that of \(known.name)")
    }
    if let usual = usual(for: file, tensors.names[0].weight) { return usual }
    throw NetworkError.unknownPreprocessing(path: file.path)
  }

  /// The convention in the metadata of a file that Impasto wrote.
  private static func stated(by metadata: [String: String]) -> InputConvention? {
    guard let order = metadata[Metadata.channels].flatMap(InputConvention.ChannelOrder.init),
      let name = metadata[Metadata.preprocessing],
      let preprocessing = Metadata.preprocessings.first(where: { $0.name == name })
    else { return nil }
    return InputConvention(channelOrder: order, preprocessing: preprocessing.value)
  }

  /// The convention of formats and names that only the converters of one source write.
  private static func usual(for file: ModelFile, _ firstName: String)
    -> (InputConvention, evidence: String)?
  {
    let caffe = InputConvention(.caffe)
    let rgb = InputConvention(channelOrder: .rgb, preprocessing: .caffe)
    switch file.format {
    case .caffe: return (caffe, "Caffe's networks use it")
    case .hdf5: return (caffe, "Keras' networks use it")
    case .numpy: return (caffe, "tensorflow-vgg's networks use it")
    case .matlab:
      return file.metadata["matconvnet.averageImage"].flatMap { isCaffeMean($0) ? rgb : nil }
        .map { ($0, "the file's average image is Caffe's") }
    case .numpyArchive where firstName == "conv1_1_W":
      return (rgb, "the tensors are named as in Frossard's network")
    case .onnx where firstName == "conv1_1_w_0":
      return (caffe, "the tensors are named as in Caffe2")
    case .onnx where firstName.hasSuffix("_conv0_weight"):
      return (InputConvention(.torchvision), "the tensors are named as in MXNet's Gluon")
    case .pytorchStream, .pytorchArchive, .safetensors:
      return firstName == "conv1_1.weight"
        ? (caffe, "the tensors are named as in Gatys' network") : nil
    case .numpyArchive, .onnx: return nil
    }
  }

  /// Whether a mean color is that of Caffe's networks.
  ///
  /// - Parameter text: red, green and blue, separated by spaces.
  private static func isCaffeMean(_ text: String) -> Bool {
    let values = text.split(separator: " ").compactMap { Float($0) }
    return values.count == 3
      && (0..<3).allSatisfy { abs(values[$0] - Preprocessing.caffe.offset[$0]) < 1 }
  }
}
