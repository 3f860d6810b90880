import Networks

/// Layers of a network with weights that add up to 1.
public struct LayerWeights: Sendable, Hashable {
  /// The layers with their normalized weights, in the order in which they were given.
  public let shares: [Share]
  /// The sum of the weights before normalization.
  public let sum: Double

  /// A layer with its normalized weight.
  public struct Share: Sendable, Hashable {
    /// The layer.
    public let layer: Layer
    /// The normalized weight, 0…1; those of all layers add up to 1.
    public let weight: Double
  }

  /// Divides weights by their sum.
  ///
  /// - Throws: `SettingError` for an empty list, a repeated layer, a negative or infinite weight,
  ///   and weights that are all zero.
  public init(_ weights: [(layer: Layer, weight: Double)]) throws {
    guard !weights.isEmpty else { throw SettingError(problem: "must name at least one layer.") }
    let sum = weights.reduce(0) { $0 + $1.weight }
    for (layer, weight) in weights where !(weight >= 0 && weight.isFinite) {
      throw SettingError(
        problem: "layer \(layer): the weight \(weight) must be finite and at least 0.")
    }
    guard sum > 0, sum.isFinite else {
      throw SettingError(
        problem: "the layers' weights add up to \(sum); the sum must be finite and more than 0.")
    }
    guard Set(weights.map(\.layer)).count == weights.count else {
      throw SettingError(problem: "names a layer twice.")
    }
    self.sum = sum
    shares = weights.map { Share(layer: $0.layer, weight: $0.weight / sum) }
  }

  /// Parses a list such as `conv1_1:2,conv3_1`.
  ///
  /// Layers are names or numbers as in `Architecture.layer(_:)`. A layer without a weight has
  /// weight 1.
  ///
  /// - Throws: `SettingError` and `NetworkError.unknownLayer`.
  public init(parsing list: String, architecture: Architecture) throws {
    try self.init(
      list.split(separator: ",", omittingEmptySubsequences: false).map { item in
        let item = item.trimmingPrefix(while: \.isWhitespace)
        guard let colon = item.lastIndex(of: ":"), item[item.index(after: colon)...] != "pre" else {
          return (try architecture.layer(String(item)), 1)
        }
        let number = item[item.index(after: colon)...]
        guard let weight = Double(number), weight >= 0, weight.isFinite else {
          throw SettingError(
            problem: "\(item): the weight \(number) must be a finite number of at least 0.")
        }
        return (try architecture.layer(String(item[..<colon])), weight)
      })
  }

  /// The default style layers as a list: conv1_1 to conv4_1.
  public static let defaultStyleList = "conv1_1,conv2_1,conv3_1,conv4_1"
  /// The default content layer as a list: conv4_1.
  public static let defaultContentList = "conv4_1"
  /// The style layers of Gatys, Ecker and Bethge (2015) as a list: conv1_1 to conv5_1.
  public static let paperStyleList = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1"
  /// The content layer of Gatys, Ecker and Bethge (2015) as a list: conv4_2.
  public static let paperContentList = "conv4_2"

  /// The layers of ``defaultStyleList`` with equal weights.
  public static func defaultStyle(of architecture: Architecture) throws -> LayerWeights {
    try LayerWeights(parsing: defaultStyleList, architecture: architecture)
  }

  /// The layer of ``defaultContentList``.
  public static func defaultContent(of architecture: Architecture) throws -> LayerWeights {
    try LayerWeights(parsing: defaultContentList, architecture: architecture)
  }

  /// The layers of ``paperStyleList`` with equal weights.
  public static func paperStyle(of architecture: Architecture) throws -> LayerWeights {
    try LayerWeights(parsing: paperStyleList, architecture: architecture)
  }

  /// The layer of ``paperContentList``.
  public static func paperContent(of architecture: Architecture) throws -> LayerWeights {
    try LayerWeights(parsing: paperContentList, architecture: architecture)
  }
}
