/// The number of pixels per inch that a file states.
public struct Resolution: Sendable, Hashable {
  /// Pixels per inch from left to right.
  public var across: Double
  /// Pixels per inch from top to bottom.
  public var down: Double

  /// Makes a resolution.
  public init(across: Double, down: Double) {
    self.across = across
    self.down = down
  }

  /// The resolution of files that state none.
  public static let standard = Resolution(across: 72, down: 72)

  static let millimetersPerInch = 25.4

  /// The resolution in pixels per millimeter, as libvips has it; nil if it is out of range or
  /// libvips' default of one pixel per millimeter.
  init?(pixelsPerMillimeter across: Double, _ down: Double) {
    let valid = 0.01...10_000
    guard valid.contains(across), valid.contains(down), across != 1 || down != 1 else {
      return nil
    }
    self.init(across: across * Self.millimetersPerInch, down: down * Self.millimetersPerInch)
  }
}
