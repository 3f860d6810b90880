/// What the sums in the losses are divided by: those of the publications, so that
/// their weights carry over, and Impasto's own.
///
/// With features `F`, `P` of M positions and N channels, Gram matrices `G`, `A` that are means
/// over positions, and `Δ` the differences of neighbours in a picture of H x W pixels, 0…1:
///
/// | name | content, a layer | style, a layer | layers | total variation |
/// | --- | --- | --- | --- | --- |
/// | `paper` | `½ Σ (F - P)²` | `1/(4N²) Σ (G - A)²` | shares | `Σ Δ²` |
/// | `per-position` | `½ Σ (F - P)² / M` | as `paper` | shares | `Σ Δ² / (H W)` |
/// | `mean-squared` | `Σ (F - P)² / (N M)` | `1/N⁴ Σ (G - A)²` | sum | `Σ Δ² / (3 H W)` |
/// | `coursera` | `¼ Σ (F - P)² / (N M)` | as `paper` | shares | `Σ Δ²` |
/// | `neural-style` | as `mean-squared` | as `mean-squared` | sum | `½ Σ (255 Δ)²` |
///
/// *Shares*: the layers' weights are divided by their sum; *sum*: they are taken as they are.
/// For a painting of the photo's size `1/(4N²) Σ (G - A)²` is equation 4 of Gatys, Ecker and
/// Bethge (2015). `mean-squared` is what PyTorch's tutorial "Neural Transfer Using PyTorch"
/// computes (Jacq), `coursera` the assignment "Art Generation with Neural Style Transfer" of
/// deeplearning.ai's course on convolutional networks, `neural-style` Johnson's program.
public enum Normalization: String, Sendable, Hashable, CaseIterable {
  /// Sums, as in the paper: the content's part grows with the picture.
  case paper
  /// Means over positions, whose balance does not shift with the picture's size.
  case perPosition = "per-position"
  /// Mean squared errors, of Gram matrices divided by their elements.
  case meanSquared = "mean-squared"
  /// The content divided by four times its elements, the style as in the paper.
  case coursera
  /// Mean squared errors, and a total variation of values 0…255.
  case neuralStyle = "neural-style"

  /// A part of the objective, with the sizes that it may be divided by.
  public enum Term: Sendable, Hashable {
    /// A content layer.
    case content(positions: Int, channels: Int)
    /// A style layer.
    case style(channels: Int)
    /// Of a picture of so many pixels.
    case totalVariation(pixels: Int)
  }

  /// The factor that turns `paper`'s value of a term into this normalisation's.
  public func scale(of term: Term) -> Double {
    switch (self, term) {
    case (.paper, _), (.perPosition, .style), (.coursera, .style), (.coursera, .totalVariation): 1
    case (.perPosition, .content(let positions, _)): 1 / Double(positions)
    case (.coursera, .content(let positions, let channels)):
      1 / (2 * Double(positions * channels))
    case (.meanSquared, .content(let positions, let channels)),
      (.neuralStyle, .content(let positions, let channels)):
      2 / Double(positions * channels)
    case (.meanSquared, .style(let channels)), (.neuralStyle, .style(let channels)):
      4 / Double(channels * channels)
    case (.perPosition, .totalVariation(let pixels)): 1 / Double(pixels)
    case (.meanSquared, .totalVariation(let pixels)): 1 / Double(3 * pixels)
    case (.neuralStyle, .totalVariation): 255 * 255 / 2
    }
  }

  /// What a layer's loss is multiplied by beside its scale.
  func factor(of share: LayerWeights.Share, in layers: LayerWeights) -> Double {
    switch self {
    case .paper, .perPosition, .coursera: share.weight
    case .meanSquared, .neuralStyle: share.weight * layers.sum
    }
  }

  /// The weight that means in `other` what `weight` means here, for a term of one layer.
  public func weight(
    _ weight: Double, of term: Term, convertedTo other: Normalization
  ) -> Double {
    weight * scale(of: term) / other.scale(of: term)
  }
}
