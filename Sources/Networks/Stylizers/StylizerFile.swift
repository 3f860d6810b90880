import Engine
import Files
import Foundation
import ModelFiles

extension StylizerNetwork {
  /// Reads a one-pass style network, which is recognized by its structure.
  ///
  /// The file is Impasto's own safetensors, a state dict of PyTorch's `fast_neural_style`, an ONNX
  /// model of a known family, or a folder of raw variables with their manifest, as TensorFlow's
  /// checkpoints of lengstrom's `fast-style-transfer` were dumped for browsers.
  ///
  /// - Throws: `ModelFileError` for another file, with what it seems to be, and `FileError` for one
  ///   that cannot be read.
  public init(path: String) throws {
    if InputFile.isFolder(path) {
      self = try RawVariables.network(folder: path)
      return
    }
    let file = try ModelFile(path: path)
    if let description = file.metadata[StylizerMetadata.description] {
      self = try StylizerMetadata.network(file, description)
    } else if file.format == .onnx {
      self = try ChainRecognition.network(ONNXGraph(path: path))
    } else if let network = try FastNeuralStyle.network(file) {
      self = network
    } else {
      throw ModelFileError.unsupported(
        path: path,
        reason: "this is not a one-pass style network that Impasto knows; "
          + StylizerMetadata.seems(file))
    }
  }

  /// Whether a file seems to hold a network from picture to picture, by the shapes of its tensors.
  public static func isLikely(path: String) -> Bool {
    if InputFile.isFolder(path) { return true }
    guard let file = try? ModelFile(path: path) else { return false }
    return file.metadata[StylizerMetadata.description] != nil || ImageTransformer.isLikely(file)
  }

  /// The names of the styles in one of Impasto's own files, whose weights are not read.
  ///
  /// - Throws: `ModelFileError` and `FileError`.
  public static func styleNames(path: String) throws -> [String] {
    let file = try ModelFile(path: path)
    guard let description = file.metadata[StylizerMetadata.description] else { return [] }
    return try StylizerMetadata.description(file, description).styles
  }

  /// Joins a network of arbitrary styles with the network that describes paintings.
  ///
  /// - Throws: `ModelFileError`, as ``init(path:)``, and if the two do not fit each other.
  public init(path: String, predictor predictorPath: String) throws {
    let transformer = try StylizerNetwork(path: path)
    let (architecture, weights) = try ChainRecognition.predictor(ONNXGraph(path: predictorPath))
    guard transformer.styles == .arbitrary else {
      throw ModelFileError.unsupported(
        path: path, reason: "its styles are not computed from paintings, so it needs no predictor")
    }
    try self.init(
      transformer.transformer, predictor: architecture,
      weights: transformer.weights.merging(weights) { own, _ in own }, path: predictorPath)
  }

  /// Writes the network as a self-describing safetensors file.
  ///
  /// - Parameters:
  ///   - metadata: what the file says about its origin.
  ///   - write: writes the parts of the file in order.
  /// - Throws: errors of writing.
  package func write(
    precision: WeightPrecision, metadata: [String: String],
    with write: (Data) throws -> Void
  ) throws {
    let items = weights.sorted { $0.key < $1.key }.map { name, tensor in
      SafetensorsWriter.Item(name: name, shape: tensor.shape, precision: precision) {
        tensor.elements
      }
    }
    let description = StylizerMetadata.Description(
      transformer: transformer, predictor: predictor, styles: styleNames)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(description), as: UTF8.self)
    try SafetensorsWriter.write(
      items, metadata: metadata.merging([StylizerMetadata.description: text]) { $1 }, with: write)
  }
}

/// The description of a one-pass style network in the metadata of its file.
enum StylizerMetadata {
  /// The key of the description.
  static let description = "impasto.stylizer"

  struct Description: Codable {
    let transformer: TransformerArchitecture
    let predictor: PredictorArchitecture?
    let styles: [String]
  }

  /// Decodes a description.
  static func description(_ file: ModelFile, _ text: String) throws -> Description {
    guard let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8))
    else {
      throw ModelFileError.unsupported(
        path: file.path, reason: "its description of the network is damaged")
    }
    return description
  }

  /// Reads Impasto's own file.
  static func network(_ file: ModelFile, _ text: String) throws -> StylizerNetwork {
    let description = try description(file, text)
    var weights: [String: Tensor] = [:]
    for name in file.tensors.keys { weights[name] = try file.tensor(name) }
    return try StylizerNetwork(
      description.transformer, predictor: description.predictor, weights: weights,
      styleNames: description.styles, path: file.path)
  }

  /// What an unknown file seems to hold, and what is missing.
  static func seems(_ file: ModelFile) -> String {
    if (try? VGGWeights(file)) != nil {
      return "it seems to be a VGG network, which impasto transfer --model takes"
    }
    return ImageTransformer.isLikely(file)
      ? "it turns pictures into pictures, but has none of the tensors conv1.conv2d.weight to "
        + "deconv3.conv2d.weight"
      : "it does not turn pictures into pictures"
  }
}
