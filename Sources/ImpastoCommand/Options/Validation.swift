import ArgumentParser
import Impasto

/// Checks of option values, with messages that name the option.
enum Validation {
  static func atLeast(_ least: Int, _ value: Int?, _ option: String) throws {
    guard let value, value < least else { return }
    throw ValidationError("\(option) \(value): must be at least \(least).")
  }

  static func side(_ value: Int?, _ option: String) throws {
    guard let value else { return }
    try pixels(value, PixelSize.sides, option)
  }

  /// A number of pixels.
  static func pixels(_ value: Int, _ range: ClosedRange<Int>, _ option: String) throws {
    guard !range.contains(value) else { return }
    throw ValidationError(
      "\(option) \(value): must be between \(range.lowerBound) and \(range.upperBound) pixels.")
  }
}
