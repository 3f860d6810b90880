import Foundation
import Pictures

/// The sizes that a transfer goes through, from coarse to fine: Gatys et al. (2017),
/// "Controlling Perceptual Factors in Neural Style Transfer", section 6; in steps of √2.
public enum ScalePlan {
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
