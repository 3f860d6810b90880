import Engine
import Files
import ModelFiles
import Networks

extension FeatureNetwork {
  /// The network that Impasto ships.
  ///
  /// - Throws: `ResourcesError` and `ModelFileError` where its file is missing or damaged.
  public static func shipped(pooling: Pooling = .average, padding: Padding = .zero)
    throws -> FeatureNetwork
  {
    try FeatureNetwork(nameOrPath: Model.vgg16HED.name, pooling: pooling, padding: padding)
  }

  /// A network by its name in the catalogue or among the installed ones, or the one in a file
  /// of weights: VGG-16 or VGG-19 in any format that `ModelFile` reads.
  ///
  /// - Parameter preprocessing: how the network wants its pictures, where that is known better
  ///   than the file tells.
  /// - Throws: `NetworkError` if there is no such network or nothing tells how it wants its
  ///   pictures, `ModelsError` if it is not installed, and `ModelFileError`.
  public convenience init(
    nameOrPath: String, preprocessing: InputConvention.Name? = nil, pooling: Pooling = .average,
    padding: Padding = .zero
  ) throws {
    let place = try ModelPlace(nameOrPath: nameOrPath)
    let weights = try VGGWeights(
      ModelFile(path: place.path),
      convention: preprocessing.map { InputConvention($0) } ?? place.convention)
    self.init(weights: weights, pooling: pooling, padding: padding)
  }
}
