/// A size in pixels.
public struct PixelSize: Sendable, Hashable, CustomStringConvertible {
  /// At least 1.
  public var width: Int
  /// At least 1.
  public var height: Int

  /// Makes a size from its sides.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The lengths that a side may have; libvips knows none above ten million.
  public static let sides = 1...10_000_000

  /// The longer of both sides.
  public var longestSide: Int { max(width, height) }

  /// The shorter side.
  public var shortestSide: Int { min(width, height) }
  public var description: String { "\(width)x\(height)" }

  /// The size of the same shape whose longer side is `side` pixels.
  public func scaled(toLongestSide side: Int) -> PixelSize {
    func scaled(_ length: Int) -> Int {
      max(1, Int((Double(length) * Double(side) / Double(longestSide)).rounded()))
    }
    return PixelSize(width: scaled(width), height: scaled(height))
  }

  /// The same, but never larger than it is.
  public func fitted(within side: Int) -> PixelSize {
    longestSide > side ? scaled(toLongestSide: side) : self
  }
}
