import Impasto
import Pictures

extension Picture {
  /// The picture, shrunk to fit a side, from pixels with the precision of 8 bits: a picture in
  /// memory and its file, which differ in their rounding, have the same thumbnail.
  package func thumbnail(side: Int) throws -> Picture {
    try rounded(bitDepth: 8).resized(to: size.fitted(within: side))
  }

  /// The picture over white, as a reader of its file sees it.
  package func asWritten(bitDepth: Int) -> Picture {
    let opaque = rounded(bitDepth: bitDepth)
    guard let alpha else { return opaque }
    let elements = opaque.pixels.elements.enumerated().map { i, value in
      let opacity = Self.rounded(alpha.elements[i / 3], bitDepth: bitDepth)
      return opacity * value + (1 - opacity)
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements))
  }

  private func rounded(bitDepth: Int) -> Picture {
    Picture(
      pixels: Tensor(
        shape: pixels.shape,
        elements: pixels.elements.map { Self.rounded($0, bitDepth: bitDepth) }))
  }

  private static func rounded(_ value: Float, bitDepth: Int) -> Float {
    // 32 bits are floats.
    guard bitDepth < 32 else { return value }
    let levels = Float((1 << bitDepth) - 1)
    return (min(max(value, 0), 1) * levels + 0.5).rounded(.down) / levels
  }
}
