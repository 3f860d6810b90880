import Networks

/// The values of an objective at one picture.
public struct Losses: Sendable, Hashable {
  /// What the optimiser minimises: the weighted sum of the three.
  public var total: Double
  /// The content loss, its layers weighted by their shares.
  public var content: Double
  /// The style loss, its layers weighted by their shares.
  public var style: Double
  /// The total variation.
  public var totalVariation: Double
  /// Each style layer's own loss, without its share.
  public var styleLayers: [Layer: Double]
}
