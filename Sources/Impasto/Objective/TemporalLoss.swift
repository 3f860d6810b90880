import Engine
import Pictures

/// What a film's picture must stay close to: the result before it, moved along the film's motion.
public struct TemporalTarget: Sendable {
  /// The moved result, at the picture's size.
  public var picture: Picture
  /// Where the motion is trusted.
  public var trust: Mask
  /// The weight of the loss.
  public var weight: Double

  /// Makes a target.
  ///
  /// - Precondition: picture and mask have the same size.
  public init(picture: Picture, trust: Mask, weight: Double = Self.standardWeight) {
    precondition(picture.size == trust.size)
    (self.picture, self.trust, self.weight) = (picture, trust, weight)
  }

  /// The weight that films are optimized with.
  public static let standardWeight = 200.0

  /// The target in another size, with a mirrored margin.
  func resized(to size: PixelSize, extendedBy margins: Margins) throws -> TemporalTarget {
    TemporalTarget(
      picture: try picture.resized(to: size).extended(by: margins),
      trust: try trust.resized(to: size).extended(by: margins), weight: weight)
  }
}

/// The short-term temporal loss of a film: Ruder, Dosovitskiy and Brox (2016), "Artistic style transfer
/// for videos", equation 7.
///
/// It is the mean over all values of `trust · (image - target)²`.
package struct TemporalLoss: Sendable {
  private let target: [Float]
  private let trust: [Float]
  let weight: Double

  package init(_ target: TemporalTarget) {
    (self.target, trust) = (target.picture.pixels.elements, target.trust.values.elements)
    weight = target.weight
  }

  private var scale: Double { 1 / Double(target.count) }

  /// The loss of a picture `[height, width, 3]`, without its weight.
  func value(_ image: UnsafePointer<Float>, _ arithmetic: VectorArithmetic) -> Double {
    scale
      * arithmetic.sum(target.count) { range in
        var total = 0.0
        for i in range {
          let difference = image[i] - target[i]
          total += Double(trust[i / 3] * difference * difference)
        }
        return total
      }
  }

  /// Adds the weighted gradient to `gradient`.
  func addGradient(
    _ image: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>, _ workspace: Workspace
  ) {
    let factor = Float(2 * weight * scale)
    workspace.parallelRanges(target.count, length: 1 << 14) { range in
      for i in range { gradient[i] += factor * trust[i / 3] * (image[i] - target[i]) }
    }
  }
}
