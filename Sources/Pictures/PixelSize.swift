/// A size in pixels.
public struct PixelSize: Sendable, Hashable, CustomStringConvertible {
  /// The width, at least 1.
  public var width: Int
  /// The height, at least 1.
  public var height: Int

  /// Makes a size from its sides.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The valid lengths of a side; ten million is the limit of libvips.
  public static let sides = 1...10_000_000

  /// The length of the longer side.
  public var longestSide: Int { max(width, height) }

  /// The length of the shorter side.
  public var shortestSide: Int { min(width, height) }

  /// The number of pixels.
  public var pixels: Int { width * height }

  public var description: String { "\(width)x\(height)" }

  /// The size with the same aspect ratio whose longer side has `side` pixels.
  public func scaled(toLongestSide side: Int) -> PixelSize {
    func scaled(_ length: Int) -> Int {
      max(1, Int((Double(length) * Double(side) / Double(longestSide)).rounded()))
    }
    return PixelSize(width: scaled(width), height: scaled(height))
  }

  /// The size with both sides rounded down to even numbers, at least 2.
  package var even: PixelSize {
    PixelSize(width: max(2, width / 2 * 2), height: max(2, height / 2 * 2))
  }

  /// The size shrunk, if necessary, to a longer side of `side` pixels.
  public func fitted(within side: Int) -> PixelSize {
    longestSide > side ? scaled(toLongestSide: side) : self
  }
}
