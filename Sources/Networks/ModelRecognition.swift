import ModelFiles

extension Architecture {
  /// The architecture of a file's weights, told by the convolutions that it names.
  ///
  /// - Throws: `ModelFileError.missingTensor` if it is neither VGG-16 nor VGG-19.
  public static func recognized(in file: SafetensorsFile) throws -> Architecture {
    let last = Architecture.vgg19.channels.last!
    guard file.entries["conv5_3.weight"] != nil else {
      throw ModelFileError.missingTensor(
        path: file.path, name: "conv5_3.weight", expected: [last, last, 3, 3])
    }
    return file.entries["conv5_4.weight"] == nil ? .vgg16 : .vgg19
  }
}
