import Foundation
import Pictures

/// The sizes of a coarse-to-fine transfer, in steps of √2: Gatys et al. (2017), "Controlling
/// Perceptual Factors in Neural Style Transfer", section 6.
public enum ScalePlan {
  /// The default of the least longer side of the photo.
  public static let coarsestSide = 128.0
  /// The minimum of any picture's shorter side. Below it the deepest layers have too few positions
  /// for a Gram matrix.
  static let shortestSide = 64.0

  /// A painting at the size for the full scale, and the setting that the size comes from.
  public typealias SizedPainting = (size: PixelSize, setting: StyleSize)

  /// The largest number of scales at which the photo's longer side is at least `coarsestSide` and
  /// every picture's shorter side at least 64; 1 for smaller pictures.
  public static func scales(
    photo: PixelSize, paintings: [SizedPainting], coarsestSide: Double = coarsestSide
  ) -> Int {
    let sides =
      [Double(photo.shortestSide)]
      + paintings.map { painting, setting in
        setting.shrinkingSide(of: painting, photo: photo)
      }
    let factors = [Double(photo.longestSide) / coarsestSide] + sides.map { $0 / shortestSide }
    return 1 + max(0, Int(2 * log2(factors.min()!)))
  }

  /// The longest side up to which a larger scale gets more of the photo's details. From there on, it
  /// keeps the forms of the smaller scale, and gets finer strokes: a print looks like its preview.
  static let mostDetailedSide = 1024

  /// Whether a scale keeps the forms of the scale before it.
  ///
  /// - Parameter sizes: the sizes of all scales, the coarsest first.
  static func keepsForms(_ index: Int, of sizes: [PixelSize]) -> Bool {
    index > 0 && sizes[index].longestSide > mostDetailedSide
  }

  /// The iterations of each scale at a quality: a sixth of the quality's for each coarse scale, and the
  /// remaining ones, but at least a third, for the last that gets details of the photo. Each scale that
  /// keeps its forms has a sixth, too. So the scales of a small result are the first ones of a large
  /// one.
  ///
  /// - Parameter sizes: the sizes of all scales, the coarsest first.
  static func iterations(_ quality: Quality, sizes: [PixelSize]) -> [Int] {
    let part = quality.iterations / 6
    let larger = sizes.indices.count { keepsForms($0, of: sizes) }
    let smaller = sizes.count - larger
    let last = max(quality.iterations - part * (smaller - 1), quality.iterations / 3)
    return Array(repeating: part, count: smaller - 1) + [last]
      + Array(repeating: part, count: larger)
  }

  /// The iterations of each scale: a sixth of all for each coarse scale, or less if necessary to
  /// leave a third for the last scale, which has the remaining iterations.
  static func iterations(_ all: Int, scales: Int) -> [Int] {
    guard scales > 1 else { return [all] }
    let coarse = max(1, min(all / 6, all / 3 * 2 / (scales - 1)))
    return Array(repeating: coarse, count: scales - 1) + [all - coarse * (scales - 1)]
  }

  /// The completed share of the work, if an iteration's work is proportional to its pixels.
  ///
  /// - Parameters:
  ///   - remaining: the remaining iterations of the current scale.
  ///   - scale: the index of the current scale.
  ///   - iterations: the iterations of all scales.
  static func progress(remaining: Int, scale: Int, iterations: [Int]) -> Double {
    func work(_ iterations: some Sequence<(offset: Int, element: Int)>) -> Double {
      iterations.reduce(0) { $0 + Double($1.element) * pow(2, Double($1.offset)) }
    }
    let left = work([(scale, remaining)]) + work(iterations.enumerated().dropFirst(scale + 1))
    return 1 - left / work(iterations.enumerated())
  }

  /// The sizes of all scales, the full one last.
  ///
  /// - Parameter scales: the number of scales, at least 1.
  public static func sizes(of full: PixelSize, scales: Int) -> [PixelSize] {
    (0..<scales).reversed().map { step in
      let side = Double(full.longestSide) / pow(2, Double(step) / 2)
      return full.scaled(toLongestSide: max(1, Int(side.rounded())))
    }
  }
}
