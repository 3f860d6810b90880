import Networks
import Pictures
import Tensors

/// The picture that an optimisation starts from.
public enum StartImage: Sendable, Equatable {
  /// The photo.
  case content
  /// White noise: each value uniform within ±20/255 of the network's mean colour.
  case noise
  /// `noiseRatio` parts of that noise and `1 - noiseRatio` parts of the photo.
  case blend(noiseRatio: Double)
  /// Any picture, resampled to the photo's size.
  case picture(Picture)

  private static let noiseAmplitude: Float = 20 / 255

  /// The pixels to start from, `[height, width, 3]`.
  func pixels(photo: Picture, mean: SIMD3<Float>, seed: UInt64) throws -> [Float] {
    switch self {
    case .content: return photo.pixels.elements
    case .noise: return Self.noise(count: photo.pixels.elements.count, mean: mean, seed: seed)
    case .blend(let ratio):
      let noise = Self.noise(count: photo.pixels.elements.count, mean: mean, seed: seed)
      return zip(photo.pixels.elements, noise).map { Float(1 - ratio) * $0 + Float(ratio) * $1 }
    case .picture(let picture): return try picture.resized(to: photo.size).pixels.elements
    }
  }

  private static func noise(count: Int, mean: SIMD3<Float>, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map {
      mean[$0 % 3] + Float.random(in: -noiseAmplitude...noiseAmplitude, using: &generator)
    }
  }
}
