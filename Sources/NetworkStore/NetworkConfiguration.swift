import Engine
import ModelFiles
import Networks

/// Everything that distinguishes one ready network from another.
public struct NetworkConfiguration: Hashable, Sendable {
  /// A name from the catalog or of an installed network, or the path of a file of weights.
  public var source: String
  /// The preprocessing of the network's pictures; nil for what the catalog or the file states.
  public var preprocessing: InputConvention.Name?
  /// The kind of pooling.
  public var pooling: Pooling
  /// What the first layer reads outside of the picture.
  public var padding: Padding
  /// The precision of the convolutions.
  public var precision: Precision

  /// Makes a configuration.
  public init(
    source: String = Model.standard.name, preprocessing: InputConvention.Name? = nil,
    pooling: Pooling = .average, padding: Padding = .zero, precision: Precision = .exact
  ) {
    self.source = source
    self.preprocessing = preprocessing
    self.pooling = pooling
    self.padding = padding
    self.precision = precision
  }
}

extension FeatureNetwork {
  /// Opens a network: VGG-16 or VGG-19, or its beginning, in any format that `ModelFile` reads.
  ///
  /// - Throws: `NetworkError` if there is no such network or its preprocessing is unknown,
  ///   `ModelsError` if it is not installed, and `ModelFileError`.
  public convenience init(_ configuration: NetworkConfiguration) throws {
    let place = try ModelPlace(nameOrPath: configuration.source)
    let weights = try VGGWeights(
      ModelFile(path: place.path),
      convention: configuration.preprocessing.map { InputConvention($0) } ?? place.convention)
    self.init(
      weights: weights, pooling: configuration.pooling, padding: configuration.padding,
      precision: configuration.precision)
  }

  /// Opens a network that Impasto ships.
  ///
  /// - Parameter model: `.standard` or `.vgg16HED`.
  /// - Throws: `ResourcesError` and `ModelFileError` if its file is missing or damaged.
  public static func shipped(
    _ model: Model = .standard, pooling: Pooling = .average, padding: Padding = .zero
  ) throws -> FeatureNetwork {
    try FeatureNetwork(
      NetworkConfiguration(source: model.name, pooling: pooling, padding: padding))
  }
}
