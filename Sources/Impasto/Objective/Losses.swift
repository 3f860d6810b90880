import Networks

/// The values of an objective for one picture, in the objective's normalization.
///
/// Terms with weight 0 are not computed; their value is 0.
public struct Losses: Sendable, Hashable {
  /// The weighted sum of content, style, total variation, and for a film's picture the temporal loss.
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
  /// The temporal loss of a film's picture, without its weight.
  public var temporal = 0.0
}

extension Losses {
  /// The mean of the losses of several pictures, which have the same layers.
  ///
  /// - Precondition: there is at least one.
  package init(meanOf all: [Losses]) {
    func mean(_ value: (Losses) -> Double) -> Double {
      all.reduce(0) { $0 + value($1) } / Double(all.count)
    }
    func means(_ layers: KeyPath<Losses, [Layer: Double]>) -> [Layer: Double] {
      Dictionary(
        uniqueKeysWithValues: all[0][keyPath: layers].keys.map { layer in
          (layer, mean { $0[keyPath: layers][layer]! })
        })
    }
    self.init(
      total: mean(\.total), content: mean(\.content), style: mean(\.style),
      totalVariation: mean(\.totalVariation), contentLayers: means(\.contentLayers),
      styleLayers: means(\.styleLayers), temporal: mean(\.temporal))
  }
}
