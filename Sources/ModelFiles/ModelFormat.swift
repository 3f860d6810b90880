import Files

/// A format of weight files.
public enum ModelFormat: String, Sendable, CaseIterable {
  case safetensors
  /// The output of `torch.save` before PyTorch 1.6; includes torchvision's VGG files.
  case pytorchStream = "PyTorch, stream"
  /// The output of `torch.save` since PyTorch 1.6.
  case pytorchArchive = "PyTorch, zip archive"
  /// A dictionary of arrays in one array of objects.
  case numpy = "NumPy, .npy"
  case numpyArchive = "NumPy, .npz"
  case caffe = "Caffe, .caffemodel"
  case onnx = "ONNX"
  /// Keras, versions 1 to 3.
  case hdf5 = "HDF5 (Keras)"
  /// MatConvNet.
  case matlab = "MATLAB (MatConvNet)"

  /// Detects a file's format from its first bytes.
  ///
  /// - Throws: `ModelFileError.unsupported`. The reason names the file's actual kind if it is
  ///   recognized.
  static func recognized(in file: MappedFile) throws -> ModelFormat {
    if file.hasPrefix(PyTorchStream.magic) { return .pytorchStream }
    if file.hasPrefix("PK\u{3}\u{4}".utf8) { return try recognizedArchive(file) }
    if file.hasPrefix([0x93] + "NUMPY".utf8) { return .numpy }
    if file.hasPrefix([0x89] + "HDF\r\n\u{1a}\n".utf8) { return .hdf5 }
    if file.hasPrefix("MATLAB ".utf8) { return .matlab }
    if let other = otherKind(of: file) {
      throw ModelFileError.unsupported(path: file.path, reason: other)
    }
    if file.hasPrefix("{".utf8, at: 8) || file.path.hasSuffix(".safetensors") {
      return .safetensors
    }
    if ONNXModel.isLikely(file) { return .onnx }
    if CaffeModel.isLikely(file) { return .caffe }
    if let other = OtherMessages.kind(of: file) {
      throw ModelFileError.unsupported(path: file.path, reason: other)
    }
    throw ModelFileError.unsupported(
      path: file.path,
      reason: "not a file of weights in a supported format: safetensors, PyTorch, Keras .h5, "
        + "MatConvNet .mat, .caffemodel, ONNX, .npz or .npy")
  }

  private static func recognizedArchive(_ file: MappedFile) throws -> ModelFormat {
    let names = try ZipArchive(file).members.keys
    if names.contains(where: { $0.hasSuffix(".npy") }) { return .numpyArchive }
    if names.contains(where: { $0.hasSuffix("/constants.pkl") }) {
      throw ModelFileError.unsupported(
        path: file.path,
        reason: "a TorchScript program; save its state_dict() with torch.save and pass that")
    }
    if names.contains(where: { $0.hasSuffix("/data.pkl") }) { return .pytorchArchive }
    if names.contains("model.weights.h5") {
      throw ModelFileError.unsupported(
        path: file.path, reason: "a .keras archive; unpack it and pass its model.weights.h5")
    }
    throw ModelFileError.unsupported(
      path: file.path, reason: "a zip archive without weights of PyTorch or NumPy")
  }

  /// Names files that are often mistaken for weights, and says what to do; nil for others.
  private static func otherKind(of file: MappedFile) -> String? {
    if file.count == 0 { return "the file is empty; download it again" }
    if file.hasPrefix([0x1f, 0x8b]) { return "compressed by gzip; unpack it first" }
    if file.hasPrefix("ustar".utf8, at: 257) {
      return
        "a tar archive, perhaps of PyTorch 0.1; unpack it, or save it again with a newer PyTorch"
    }
    if file.hasPrefix("TFL3".utf8, at: 4) {
      return "a TensorFlow Lite model, which is not supported; use the Keras or ONNX file that it "
        + "was converted from"
    }
    // A Torch object of version 1.
    if file.hasPrefix([4, 0, 0, 0]), file.hasPrefix([3, 0, 0, 0] + "V 1".utf8, at: 8) {
      return "a Torch7 file, which is not supported; convert it to PyTorch"
    }
    if file.hasPrefix("version https://git-lfs".utf8) {
      return "a Git LFS pointer, not the weights themselves; fetch them with git lfs pull"
    }
    let start = file.data.prefix(200).drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    let text = String(decoding: start.prefix(14), as: UTF8.self).lowercased()
    if text.hasPrefix("<!doctype") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
      return "a web page, not weights; the link it was downloaded from is dead"
    }
    return nil
  }
}
