import Engine
import Networks

/// A style's loss at one layer in one region of the picture, with its factors in the objective.
struct StyleTerm: Sendable {
  let loss: any LayerStyleLoss
  /// The region's share of the layer's loss.
  private let share: Double
  private let scale: Double
  /// The layer's factor in the style loss.
  let factor: Double

  var layer: Layer { loss.layer }

  /// - Parameters:
  ///   - layer: one of the style's layers.
  ///   - coverage: the part of the picture that the region covers.
  init(
    _ layer: LayerWeights.Share, of region: StyleRegion, coverage: Double, _ kind: StyleLoss,
    _ normalization: Normalization, _ workspace: Workspace
  ) {
    let target = region.target
    loss = kind.loss(
      of: layer.layer, target: target.statistics[layer.layer]!, workspace: workspace)
    share = region.weight * coverage
    scale = normalization.scale(of: loss.term)
    factor = normalization.factor(of: layer, in: target.layers)
  }

  /// The loss for statistics of the picture, without the factor.
  func value(_ gram: GramMatrix, _ workspace: Workspace) -> Double {
    share * scale * loss.value(gram, workspace)
  }

  /// The gradient for the statistics of the last `value`. The next call overwrites it.
  ///
  /// - Parameters:
  ///   - divisor: the number that the statistics' sums were divided by.
  ///   - slope: the factor of the style loss in the objective.
  func gradient(_ gram: GramMatrix, divisor: Double, slope: Double, _ workspace: Workspace)
    -> LocalGradient.Statistics
  {
    loss.gradient(
      gram, divisor: divisor, scale: Float(slope * share * factor * scale), workspace: workspace)
  }
}
