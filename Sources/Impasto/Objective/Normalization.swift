/// The divisors of the sums in the losses.
///
/// Impasto has its own, and those of several publications and programs, so that their weights can
/// be used unchanged. In the table, features `F`, `P` have M positions and N channels, Gram
/// matrices `G`, `A` are means over positions, and `Δ` are the differences of neighbors in a
/// picture of H x W pixels, 0…1:
///
/// | name | content, a layer | style, a layer | layers | total variation |
/// | --- | --- | --- | --- | --- |
/// | `paper` | `½ Σ (F - P)²` | `1/(4N²) Σ (G - A)²` | shares | `Σ Δ²` |
/// | `per-position` | `½ Σ (F - P)² / M` | as `paper` | shares | `Σ Δ² / (H W)` |
/// | `mean-squared` | `Σ (F - P)² / (N M)` | `1/N⁴ Σ (G - A)²` | sum | `Σ Δ² / (3 H W)` |
/// | `coursera` | `¼ Σ (F - P)² / (N M)` | as `paper` | shares | `Σ Δ²` |
/// | `neural-style` | as `mean-squared` | as `mean-squared` | sum | `½ Σ (255 Δ)²` |
/// | `relative` | `Σ (F - P)² / Σ P²` | `Σ (G - A)² / Σ A²` | shares | `Σ Δ² / (H W)` |
///
/// `relative` divides the Wasserstein loss by the painting's mean square of the features, `tr A`;
/// the others leave it unchanged.
///
/// *Shares*: the layers' weights are divided by their sum; *sum*: they are used unchanged. For a
/// painting of the photo's size, `1/(4N²) Σ (G - A)²` is equation 4 of Gatys, Ecker and Bethge
/// (2015). `mean-squared` is the objective of PyTorch's tutorial "Neural Transfer Using PyTorch"
/// (Jacq), `coursera` that of the assignment "Art Generation with Neural Style Transfer" of
/// deeplearning.ai's course on convolutional networks, `neural-style` that of Johnson's program.
public enum Normalization: String, Sendable, Hashable, CaseIterable {
  /// Sums, as in the paper: the content loss grows with the picture.
  case paper
  /// Means over positions: the balance of the losses does not depend on the picture's size.
  case perPosition = "per-position"
  /// Mean squared errors, of Gram matrices divided by their number of elements.
  case meanSquared = "mean-squared"
  /// Content divided by four times its number of elements, style as in the paper.
  case coursera
  /// Mean squared errors, and a total variation of values 0…255.
  case neuralStyle = "neural-style"
  /// Each layer's loss divided by that of features which are all zero: the balance of the losses
  /// depends neither on the picture's size nor on the size of the network's features.
  case relative

  /// A term of the objective, with the sizes that a normalization may divide by.
  public enum Term: Sendable, Hashable {
    /// A content layer, with the loss `½ Σ P²` of features that are all zero.
    case content(positions: Int, channels: Int, energy: Double)
    /// A style layer, with the loss `1/(4N²) Σ A²` of features that are all zero.
    case style(channels: Int, energy: Double)
    /// A style layer with the Wasserstein loss, and the painting's `tr A`.
    case distribution(energy: Double)
    /// The total variation of a picture with a number of pixels.
    case totalVariation(pixels: Int)
  }

  /// The factor that converts a term from `paper` to this normalization.
  public func scale(of term: Term) -> Double {
    switch (self, term) {
    case (.relative, .content(_, _, let energy)), (.relative, .style(_, let energy)),
      (.relative, .distribution(let energy)):
      // A layer whose target is zero everywhere has no loss.
      energy > 0 ? 1 / energy : 0
    case (.paper, _), (_, .distribution), (.perPosition, .style), (.coursera, .style),
      (.coursera, .totalVariation):
      1
    case (.perPosition, .content(let positions, _, _)): 1 / Double(positions)
    case (.coursera, .content(let positions, let channels, _)):
      1 / (2 * Double(positions * channels))
    case (.meanSquared, .content(let positions, let channels, _)),
      (.neuralStyle, .content(let positions, let channels, _)):
      2 / Double(positions * channels)
    case (.meanSquared, .style(let channels, _)), (.neuralStyle, .style(let channels, _)):
      4 / Double(channels * channels)
    case (.perPosition, .totalVariation(let pixels)), (.relative, .totalVariation(let pixels)):
      1 / Double(pixels)
    case (.meanSquared, .totalVariation(let pixels)): 1 / Double(3 * pixels)
    case (.neuralStyle, .totalVariation): 255 * 255 / 2
    }
  }

  /// The factor of a layer's loss in addition to its scale.
  func factor(of share: LayerWeights.Share, in layers: LayerWeights) -> Double {
    switch self {
    case .paper, .perPosition, .coursera, .relative: share.weight
    case .meanSquared, .neuralStyle: share.weight * layers.sum
    }
  }

  /// Converts the weight of a term with one layer to another normalization.
  public func weight(
    _ weight: Double, of term: Term, convertedTo other: Normalization
  ) -> Double {
    weight * scale(of: term) / other.scale(of: term)
  }
}
