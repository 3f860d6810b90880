import Networks
import Synchronization

/// Networks that several transfers share, with the weights that were prepared for them.
public final class NetworkCache: Sendable {
  private let networks = Mutex<[NetworkConfiguration: FeatureNetwork]>([:])

  /// Makes an empty cache.
  public init() {}

  /// The network of a configuration, opened at its first use.
  ///
  /// - Throws: what `FeatureNetwork.init(_:)` throws.
  public func network(_ configuration: NetworkConfiguration) throws -> FeatureNetwork {
    try networks.withLock { networks in
      if let network = networks[configuration] { return network }
      let network = try FeatureNetwork(configuration)
      networks[configuration] = network
      return network
    }
  }
}
