/// A positive rational number, such as a frame rate or a unit of time.
public struct Ratio: Sendable, Hashable, Codable {
  /// The dividend.
  public var numerator: Int
  /// The divisor.
  public var denominator: Int

  /// Makes a number.
  ///
  /// - Precondition: both are above 0.
  public init(_ numerator: Int, _ denominator: Int) {
    precondition(numerator > 0 && denominator > 0)
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  /// Reads `30000/1001`, `16:9` or `25`; nil for anything else, and for zero.
  public init?(_ text: String) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == ":" }.map {
      Int($0)
    }
    guard (1...2).contains(parts.count), let first = parts[0], first > 0,
      let second = parts.count == 1 ? 1 : parts[1], second > 0
    else { return nil }
    self.init(first, second)
  }

  /// The quotient.
  public var value: Double { Double(numerator) / Double(denominator) }
}
