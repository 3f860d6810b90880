import Networks

/// The values of an objective for one picture, in the objective's normalization.
///
/// Terms with weight 0 are not computed; their value is 0.
public struct Losses: Sendable, Hashable {
  /// The weighted sum of content, style and total variation.
  public var total: Double
  /// The weighted sum of the content layers' losses.
  public var content: Double
  /// The weighted sum of the style layers' losses.
  public var style: Double
  /// The total variation, without its weight.
  public var totalVariation: Double
  /// The loss of each content layer, without its weight.
  public var contentLayers: [Layer: Double]
  /// The loss of each style layer, without its weight.
  public var styleLayers: [Layer: Double]
}
