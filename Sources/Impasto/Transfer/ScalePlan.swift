import Foundation
import Pictures

/// The sizes that a transfer goes through, from coarse to fine: Gatys et al. (2017),
/// "Controlling Perceptual Factors in Neural Style Transfer", section 6; in steps of √2.
public enum ScalePlan {
  /// The least longer side of the photo: in smaller pictures faces lose their shape.
  private static let coarsestSide = 256.0
  /// The least shorter side of any picture: below it the deepest layers have too few positions for
  /// a Gram matrix.
  private static let shortestSide = 64.0

  /// As many scales as leave the photo's longer side 256 pixels or more, and no picture's
  /// shorter side below 64.
  public static func scales(photo: PixelSize, paintings: [PixelSize]) -> Int {
    let factors =
      [Double(photo.longestSide) / coarsestSide]
      + ([photo] + paintings).map { Double($0.shortestSide) / shortestSide }
    return 1 + max(0, Int(2 * log2(factors.min()!)))
  }

  /// The iterations of each scale: a sixth of all, or less so that a third remains for the last
  /// scale, which has the rest.
  static func iterations(_ all: Int, scales: Int) -> [Int] {
    guard scales > 1 else { return [all] }
    let coarse = max(1, min(all / 6, all / 3 * 2 / (scales - 1)))
    return Array(repeating: coarse, count: scales - 1) + [all - coarse * (scales - 1)]
  }

  /// The share of the work that is done when so many iterations of a scale remain and all
  /// of the finer ones: an iteration's work is in proportion to the pixels.
  static func progress(remaining: Int, scale: Int, iterations: [Int]) -> Double {
    func work(_ iterations: some Sequence<(offset: Int, element: Int)>) -> Double {
      iterations.reduce(0) { $0 + Double($1.element) * pow(2, Double($1.offset)) }
    }
    let left = work([(scale, remaining)]) + work(iterations.enumerated().dropFirst(scale + 1))
    return 1 - left / work(iterations.enumerated())
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
