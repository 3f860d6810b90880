import Impasto
import Pictures

extension Picture {
  /// The picture in front of white, shrunk to fit a side, from pixels with the precision of 8 bits: a picture in
  /// memory and its file, which differ in their rounding, have the same thumbnail.
  package func thumbnail(side: Int) throws -> Picture {
    try overWhite.rounded(bitDepth: 8).resized(to: size.fitted(within: side))
  }

  /// The picture over white, as a reader of its file sees it.
  package func asWritten(bitDepth: Int) -> Picture {
    rounded(bitDepth: bitDepth).overWhite
  }

  private func rounded(bitDepth: Int) -> Picture {
    func rounded(_ values: Tensor) -> Tensor {
      Tensor(
        shape: values.shape,
        elements: values.elements.map { Self.rounded($0, bitDepth: bitDepth) })
    }
    return Picture(pixels: rounded(pixels), alpha: alpha.map(rounded))
  }

  private static func rounded(_ value: Float, bitDepth: Int) -> Float {
    // 32 bits are floats.
    guard bitDepth < 32 else { return value }
    let levels = Float((1 << bitDepth) - 1)
    return (min(max(value, 0), 1) * levels + 0.5).rounded(.down) / levels
  }
}
