import Foundation
import Pictures

/// The sizes that a transfer goes through, from coarse to fine: Gatys et al. (2017),
/// "Controlling Perceptual Factors in Neural Style Transfer", section 6; in steps of √2.
public enum ScalePlan {
  /// The longer side from which on a photo has a coarser scale below: the strokes of 256
  /// pixels, where the deepest layers see half of the picture, are kept in larger ones.
  private static let coarsestSide = 256.0
  /// What the shorter side of any picture may shrink to.
  private static let shortestSide = 64.0

  /// As many scales as leave the photo's longer side 256 pixels or more, and no picture's
  /// shorter side below 64.
  public static func scales(photo: PixelSize, paintings: [PixelSize]) -> Int {
    let factors =
      [Double(photo.longestSide) / coarsestSide]
      + ([photo] + paintings).map { Double($0.shortestSide) / shortestSide }
    return 1 + max(0, Int(2 * log2(factors.min()!)))
  }

  /// The sizes, the full one last.
  ///
  /// - Parameter scales: how many, at least 1.
  public static func sizes(of full: PixelSize, scales: Int) -> [PixelSize] {
    (0..<scales).reversed().map { step in
      let side = Double(full.longestSide) / pow(2, Double(step) / 2)
      return full.scaled(toLongestSide: max(1, Int(side.rounded())))
    }
  }
}
