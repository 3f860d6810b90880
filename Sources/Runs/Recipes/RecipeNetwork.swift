import Impasto
import NetworkStore

extension Recipe {
  /// The network that the recipe names or needs, with its pooling and padding.
  public var networkConfiguration: NetworkConfiguration {
    NetworkConfiguration(
      source: model ?? ownModel, preprocessing: preprocessing,
      pooling: pooling ?? defaults.pooling!,
      padding: padding ?? defaults.padding!, precision: precision ?? defaults.precision!)
  }

  /// The network of a recipe that names none: the default, or the shipped one that has all layers.
  var ownModel: String {
    func has(_ architecture: Architecture) -> Bool {
      [styleLayers, contentLayers].allSatisfy { list in
        do {
          _ = try list.map { try LayerWeights(parsing: $0, architecture: architecture) }
          return true
        } catch {
          // Other mistakes are reported where the layers are used.
          return !(error is NetworkError)
        }
      }
    }
    guard version != 1, !has(.vgg19ToConv4), has(.vgg16) else { return defaults.model! }
    return Model.vgg16HED.name
  }

  /// A sentence about a network that the recipe does not name and that is not the default.
  public var networkNote: String? {
    guard model == nil, ownModel != Self.defaults.model else { return nil }
    let reason =
      version == 1
      ? "as for all presets and for recipes without recipe-version"
      : "because \(Self.defaults.model!) ends at \(Architecture.vgg19ToConv4.lastConvolution)"
    return "The network is \(ownModel), \(reason); set model to use another."
  }

  /// The recipe's network.
  ///
  /// - Throws: `SettingError` with the key `model` for an unknown one, and `ModelFileError`.
  public func network(from networks: NetworkCache = NetworkCache()) throws -> FeatureNetwork {
    try Self.aboutModel { try networks.network(networkConfiguration) }
  }

  /// Attributes errors of finding a network to its setting.
  static func aboutModel<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error where error is NetworkError || error is ModelsError {
      throw SettingError("model", cause: error)
    }
  }
}
