/// What the sums in the losses are divided by.
///
/// The style loss is the same in both: `1/(4N²) Σ (G - A)²` with Gram matrices
/// that are means over positions, which for pictures of equal size is equation 4
/// of Gatys, Ecker and Bethge (2015). The others differ by a constant factor:
///
/// | loss | `paper` | `perPosition` |
/// | --- | --- | --- |
/// | content at a layer of M positions | `½ Σ (F - P)²` | `½ Σ (F - P)² / M` |
/// | total variation of H x W pixels | `Σ (Δx)²` | `Σ (Δx)² / (H W)` |
///
/// So weights `α`, `β`, `τ` for `perPosition` are the same objective as `α / M`,
/// `β`, `τ / (H W)` for `paper`; see ``weight(_:of:positions:convertedTo:)``.
public enum Normalization: String, Sendable, Hashable, CaseIterable {
  /// Plain sums, as in the paper: the content's share grows with the picture.
  case paper
  /// Means over positions, whose balance does not shift with the picture's size.
  case perPosition = "per-position"

  /// A part of the objective.
  public enum Term: Sendable, Hashable {
    case content, style, totalVariation
  }

  /// The factor that turns the paper's sum for a term into this normalisation's value.
  ///
  /// - Parameter positions: the positions of the term's map: of the content layer,
  ///   or the picture's pixels for total variation.
  public func scale(of term: Term, positions: Int) -> Double {
    self == .paper || term == .style ? 1 : 1 / Double(positions)
  }

  /// The weight that means in `other` what `weight` means here.
  public func weight(
    _ weight: Double, of term: Term, positions: Int, convertedTo other: Normalization
  ) -> Double {
    weight * scale(of: term, positions: positions) / other.scale(of: term, positions: positions)
  }
}
