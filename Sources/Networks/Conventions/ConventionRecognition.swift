import ModelFiles

extension VGGWeights {
  /// Tells how a network wants its picture, from what is surest to what is less so.
  static func convention(
    of file: ModelFile, _ tensors: ConvolutionTensors, firstFilter: [Float],
    given: InputConvention?
  ) throws -> (InputConvention, evidence: String) {
    if tensors.colorTransform != nil {
      return (
        InputConvention(channelOrder: .rgb, preprocessing: .caffe),
        "a 1x1 convolution of the file does it"
      )
    }
    if let given { return (given, "the catalog or a setting states it") }
    if let said = said(by: file.metadata) { return (said, "the file says so") }
    if let known = KnownFilters.match(firstFilter) {
      return (known.convention, "its first filter is that of \(known.title)")
    }
    if let known = try PublishedFile.matching(file.path) {
      return (known.convention, "its SHA-256 is that of \(known.name)")
    }
    if let usual = usual(for: file, tensors.names[0].weight) { return usual }
    throw NetworkError.unknownPreprocessing(path: file.path)
  }

  /// What our own files say.
  private static func said(by metadata: [String: String]) -> InputConvention? {
    guard let order = metadata[Metadata.channels].flatMap(InputConvention.ChannelOrder.init),
      let name = metadata[Metadata.preprocessing],
      let preprocessing = Metadata.preprocessings.first(where: { $0.name == name })
    else { return nil }
    return InputConvention(channelOrder: order, preprocessing: preprocessing.value)
  }

  /// What formats and names stand for that only converters from one source write.
  private static func usual(for file: ModelFile, _ firstName: String)
    -> (InputConvention, evidence: String)?
  {
    let caffe = InputConvention(.caffe)
    let rgb = InputConvention(channelOrder: .rgb, preprocessing: .caffe)
    switch file.format {
    case .caffe: return (caffe, "Caffe's networks do")
    case .hdf5: return (caffe, "Keras' networks do")
    case .numpy: return (caffe, "networks of tensorflow-vgg do")
    case .matlab:
      return file.metadata["matconvnet.averageImage"].flatMap { isCaffeMean($0) ? rgb : nil }
        .map { ($0, "its average image says so") }
    case .numpyArchive where firstName == "conv1_1_W":
      return (rgb, "its names are those of Frossard's network")
    case .onnx where firstName == "conv1_1_w_0": return (caffe, "its names are Caffe2's")
    case .onnx where firstName.hasSuffix("_conv0_weight"):
      return (InputConvention(.torchvision), "its names are those of MXNet's Gluon")
    case .pytorchStream, .pytorchArchive, .safetensors:
      return firstName == "conv1_1.weight"
        ? (caffe, "its names are those of Gatys' network") : nil
    case .numpyArchive, .onnx: return nil
    }
  }

  /// - Parameter text: red, green and blue, with spaces between.
  private static func isCaffeMean(_ text: String) -> Bool {
    let values = text.split(separator: " ").compactMap { Float($0) }
    return values.count == 3
      && (0..<3).allSatisfy { abs(values[$0] - Preprocessing.caffe.offset[$0]) < 1 }
  }
}
