import Engine
import Networks

/// The distance between the features of a picture and those of a painting, without regard to
/// their places.
public enum StyleLoss: String, Sendable, Hashable, CaseIterable {
  /// The squared difference of Gram matrices: Gatys, Ecker and Bethge (2015), equation 4.
  case gram
  /// The squared 2-Wasserstein distance of normal distributions with the means and covariances of
  /// the features: Olkin and Pukelsheim (1982), "The Distance Between Two Random Vectors with Given
  /// Dispersion Matrices".
  case wasserstein

  /// The loss of a layer.
  ///
  /// - Parameter target: the painting's features.
  func loss(of layer: Layer, target: FeatureStatistics, workspace: Workspace)
    -> any LayerStyleLoss
  {
    switch self {
    case .gram: GramLoss(layer: layer, target: target.gram, kernels: workspace.kernels)
    case .wasserstein: WassersteinLoss(layer: layer, target: target, workspace: workspace)
    }
  }
}

/// A style loss of one layer, with the memory for its gradient.
protocol LayerStyleLoss: Sendable {
  var layer: Layer { get }
  /// The size of the loss that the `relative` normalization divides by.
  var energy: Double { get }
  /// The term of the objective, for its normalization.
  var term: Normalization.Term { get }

  /// The loss for statistics of the picture.
  func value(_ gram: GramMatrix, _ workspace: Workspace) -> Double

  /// The gradient of `scale` times the loss for the statistics of the last `value`. The next call
  /// overwrites it.
  ///
  /// - Parameter divisor: the number that the statistics' sums were divided by.
  func gradient(_ gram: GramMatrix, divisor: Double, scale: Float, workspace: Workspace)
    -> LocalGradient.Statistics
}
