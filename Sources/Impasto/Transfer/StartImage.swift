import Engine
import Networks
import Pictures

/// The picture that an optimization starts from.
public enum StartImage: Sendable, Equatable {
  /// The photo.
  case content
  /// The photo with its colors moved halfway to the painting's.
  case recolored
  /// White noise: each value uniform within ±20/255 of the network's mean color.
  case noise
  /// A blend of `noiseRatio` parts of white noise and `1 - noiseRatio` parts of the photo.
  case blend(noiseRatio: Double)
  /// The center of the first painting, cropped to the photo's shape.
  case style
  /// Any picture, resampled to the photo's size.
  case picture(Picture)

  private static let noiseAmplitude: Float = 20 / 255
  private static let recoloring = 0.5

  /// Writes the pixels of the start image, `[height, width, 3]`.
  func write(
    to pixels: UnsafeMutableBufferPointer<Float>, photo: Picture, styles: [StyleRegion],
    mean: SIMD3<Float>, seed: UInt64
  ) throws {
    func copy(_ picture: Picture) { _ = pixels.update(from: picture.pixels.elements) }
    switch self {
    case .content: copy(photo)
    case .recolored:
      copy(
        styles.reduce(photo) { picture, style in
          let recolored = photo.recolored(to: style.target.colors, amount: Self.recoloring)
          guard let mask = style.mask else { return recolored }
          return picture.replaced(by: recolored, where: mask)
        })
    case .noise: addNoise(share: 1, to: pixels, mean: mean, seed: seed)
    case .blend(let ratio):
      copy(photo)
      addNoise(share: Float(ratio), to: pixels, mean: mean, seed: seed)
    case .style: preconditionFailure("StyleTransfer replaces this case by .picture.")
    case .picture(let picture): copy(try picture.resized(to: photo.size))
    }
  }

  /// Blends a share of noise into each value.
  private func addNoise(
    share: Float, to pixels: UnsafeMutableBufferPointer<Float>, mean: SIMD3<Float>, seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    for i in pixels.indices {
      let noise =
        mean[i % 3]
        + Float.random(in: -Self.noiseAmplitude...Self.noiseAmplitude, using: &generator)
      pixels[i] = share == 1 ? noise : (1 - share) * pixels[i] + share * noise
    }
  }
}
