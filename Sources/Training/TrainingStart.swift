import Engine
import Impasto
import Networks

/// The trained network that a training starts from.
public struct TrainingStart: Sendable {
  /// The network.
  public let network: StylizerNetwork
  /// The network's name or file.
  public let source: String
  /// The SHA-256 of the network's file, by which a checkpoint knows it.
  public let digest: String

  /// Makes a start.
  ///
  /// - Throws: `SettingError` for a network of arbitrary styles, whose norms are computed from paintings.
  public init(_ network: StylizerNetwork, source: String, digest: String) throws {
    guard network.styles != .arbitrary else {
      throw SettingError(
        "from", value: source, problem: "paints in any style, so it has no style to start from.")
    }
    (self.network, self.source, self.digest) = (network, source, digest)
  }

  /// The number of styles.
  var styleCount: Int {
    if case .several(let count) = network.styles { count } else { 1 }
  }

  /// The names of the styles; their numbers for a file without names.
  package var styleNames: [String] {
    network.styleNames.isEmpty ? (0..<styleCount).map(String.init) : network.styleNames
  }
}
