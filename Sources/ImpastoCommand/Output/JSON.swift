import Foundation

/// Results for programs: one object on one line, with names in snake case.
enum JSON {
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A number with 9 significant digits, about what single precision carries.
  static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.9g", value)) ?? value
  }
}
