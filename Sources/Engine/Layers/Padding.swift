/// What a convolution reads outside of a map.
public enum Padding: String, Sendable, CaseIterable {
  case zero
  /// The nearest value of the map.
  case replicate
  /// The map mirrored at its first and last value, which are not repeated.
  case reflect

  /// The place in `0..<length` that stands for `place`; nil for a zero. Reflection of a
  /// map that is too short goes to its end, as replication does.
  func source(_ place: Int, length: Int) -> Int? {
    if place >= 0, place < length { return place }
    switch self {
    case .zero: return nil
    case .replicate: return place < 0 ? 0 : length - 1
    case .reflect:
      let mirrored = place < 0 ? -place : 2 * (length - 1) - place
      return min(max(mirrored, 0), length - 1)
    }
  }

  /// All places within `reach` of a map that a value stands for, its own first.
  func places(of value: Int, reach: Int, length: Int) -> [Int] {
    guard self != .zero, value <= reach || value >= length - 1 - reach else { return [value] }
    let outside = Array(-reach..<0) + Array(length..<length + reach)
    return [value] + outside.filter { source($0, length: length) == value }
  }
}
