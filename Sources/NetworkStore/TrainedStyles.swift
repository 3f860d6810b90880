import Files
import ModelFiles
import Networks

/// The one-pass networks that Impasto ships.
public enum TrainedStyles {
  /// The network of many styles.
  public static let several = "styles"
  /// The network of 26 styles to which the styles of paintings were added. It is a start for trainings.
  public static let start = "styles-26"
  /// The network that paints in the style of any painting.
  public static let arbitrary = "any-painting"

  /// The path of a shipped network.
  ///
  /// - Throws: `ResourcesError`.
  public static func path(of network: String) throws -> String {
    try Resources.located().folder.appendingPathComponent("stylizers/\(network).safetensors").path
  }

  /// The names of the shipped styles.
  ///
  /// - Throws: `ResourcesError` and `ModelFileError`.
  public static func names() throws -> [String] {
    try StylizerNetwork.styleNames(path: path(of: several))
  }
}

extension StylizerNetwork {
  /// Opens a network that Impasto ships.
  ///
  /// - Parameter name: ``TrainedStyles/several`` or ``TrainedStyles/arbitrary``.
  /// - Throws: `ResourcesError` and `ModelFileError` if its file is missing or damaged.
  public static func shipped(_ name: String) throws -> StylizerNetwork {
    try StylizerNetwork(path: TrainedStyles.path(of: name))
  }
}
