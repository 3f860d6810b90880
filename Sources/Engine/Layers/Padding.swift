/// The values that a convolution reads outside of a map.
public enum Padding: String, Sendable, CaseIterable {
  case zero
  /// The nearest value of the map.
  case replicate
  /// The map mirrored at its first and last values, which are not repeated.
  case reflect

  /// The index in `0..<length` of the value that is read at `place`; nil for zeros. In a map too
  /// short for reflection, the mirrored index is clamped.
  package func source(_ place: Int, length: Int) -> Int? {
    if place >= 0, place < length { return place }
    switch self {
    case .zero: return nil
    case .replicate: return place < 0 ? 0 : length - 1
    case .reflect:
      let mirrored = place < 0 ? -place : 2 * (length - 1) - place
      return min(max(mirrored, 0), length - 1)
    }
  }

  /// Copies a row of a map `[width, channels]` with its padding of `reach` positions on both sides.
  func copy(
    _ row: UnsafePointer<Float>, width: Int, channels: Int, reach: Int,
    into padded: UnsafeMutablePointer<Float>
  ) {
    (padded + reach * channels).update(from: row, count: width * channels)
    for x in Array(-reach..<0) + Array(width..<width + reach) {
      let place = padded + (x + reach) * channels
      if let column = source(x, length: width) {
        place.update(from: row + column * channels, count: channels)
      } else {
        place.update(repeating: 0, count: channels)
      }
    }
  }

  /// All places within `reach` of a map at which a value is read, beginning with its own index.
  func places(of value: Int, reach: Int, length: Int) -> [Int] {
    guard self != .zero, value <= reach || value >= length - 1 - reach else { return [value] }
    let outside = Array(-reach..<0) + Array(length..<length + reach)
    return [value] + outside.filter { source($0, length: length) == value }
  }
}
