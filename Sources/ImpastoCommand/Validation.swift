import ArgumentParser

/// Checks of option values, with messages that name the option.
enum Validation {
  static func atLeast(_ least: Int, _ value: Int?, _ option: String) throws {
    guard let value, value < least else { return }
    throw ValidationError("\(option) \(value): has to be at least \(least).")
  }

  /// The length of a picture's side; libvips knows none above ten million.
  static let sides = 1...10_000_000

  static func side(_ value: Int?, _ option: String) throws {
    guard let value else { return }
    try pixels(value, sides, option)
  }

  /// A number of pixels.
  static func pixels(_ value: Int, _ range: ClosedRange<Int>, _ option: String) throws {
    guard !range.contains(value) else { return }
    throw ValidationError(
      "\(option) \(value): has to be between \(range.lowerBound) and \(range.upperBound) pixels.")
  }

  static func notNegative(_ value: Double?, _ option: String) throws {
    guard let value, !(value >= 0 && value.isFinite) else { return }
    throw ValidationError("\(option) \(value): has to be a number of at least 0.")
  }

  static func positive(_ value: Double?, _ option: String) throws {
    guard let value, !(value > 0 && value <= Double(Float.greatestFiniteMagnitude)) else { return }
    throw ValidationError(
      "\(option) \(value): has to be a number above 0, and no larger than 3e38.")
  }
}
