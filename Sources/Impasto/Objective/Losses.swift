import Networks

/// The values of an objective at one picture, in its normalisation; what has no weight is not
/// computed and 0.
public struct Losses: Sendable, Hashable {
  /// What the optimiser minimises: the weighted sum of the three.
  public var total: Double
  /// The weighted sum of the content layers' losses.
  public var content: Double
  /// The weighted sum of the style layers' losses.
  public var style: Double
  /// The total variation.
  public var totalVariation: Double
  /// Each content layer's own loss, without its share.
  public var contentLayers: [Layer: Double]
  /// Each style layer's own loss, without its share.
  public var styleLayers: [Layer: Double]
}
