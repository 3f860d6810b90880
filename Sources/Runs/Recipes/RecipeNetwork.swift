import Impasto
import NetworkStore

extension Recipe {
  /// The network that the recipe names, with its pooling and padding.
  public var networkConfiguration: NetworkConfiguration {
    let standard = StyleTransfer.defaultNetwork
    return NetworkConfiguration(
      source: model ?? standard.source, preprocessing: preprocessing,
      pooling: pooling ?? standard.pooling, padding: padding ?? standard.padding)
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
