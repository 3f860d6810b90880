import Foundation
import ModelFiles
import Networks
import Tensors

extension FeatureNetwork {
  /// The network that Impasto ships.
  ///
  /// - Throws: `ResourcesError` and `ModelFileError` where its file is missing or damaged.
  public static func shipped(pooling: Pooling = .average, padding: Padding = .zero)
    throws -> FeatureNetwork
  {
    try FeatureNetwork(model: .vgg16HED, pooling: pooling, padding: padding)
  }

  /// A network of the catalogue.
  ///
  /// - Throws: `ResourcesError` and `ModelFileError` where its file is missing or damaged.
  public convenience init(model: Model, pooling: Pooling = .average, padding: Padding = .zero)
    throws
  {
    try self.init(
      architecture: model.architecture, preprocessing: model.preprocessing,
      file: SafetensorsFile(path: Resources.located().path(of: model)), pooling: pooling,
      padding: padding)
  }

  /// A network of the catalogue by its name, or the one in a file of weights.
  ///
  /// - Throws: `NetworkError.unknownModel` if there is neither, and what the others throw.
  public convenience init(nameOrPath: String, pooling: Pooling = .average, padding: Padding = .zero)
    throws
  {
    if let model = try? Model.named(nameOrPath) {
      try self.init(model: model, pooling: pooling, padding: padding)
    } else if FileManager.default.fileExists(atPath: nameOrPath) {
      try self.init(path: nameOrPath, pooling: pooling, padding: padding)
    } else {
      throw NetworkError.unknownModel(nameOrPath)
    }
  }

  /// The network in a file of weights: VGG-16 or VGG-19, which its tensors tell, that
  /// expects values 0…255 less the mean colour of ImageNet.
  ///
  /// - Throws: `ModelFileError`.
  public convenience init(path: String, pooling: Pooling = .average, padding: Padding = .zero)
    throws
  {
    let file = try SafetensorsFile(path: path)
    try self.init(
      architecture: .recognized(in: file), preprocessing: .caffe, file: file, pooling: pooling,
      padding: padding)
  }
}
