import Foundation

/// Results for programs: one object on one line, with names in snake case.
enum JSON {
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return withoutControls(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// JSON with the escapes of characters that would control a terminal. The encoder escapes only
  /// those of ASCII; they occur in strings alone.
  private static func withoutControls(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: TerminalText.isControl) else { return json }
    return json.unicodeScalars.map { scalar in
      guard TerminalText.isControl(scalar) else { return String(scalar) }
      return UTF16.encode(scalar)!.map { String(format: "\\u%04x", $0) }.joined()
    }.joined()
  }

  /// A number with 9 significant digits, about what single precision carries.
  static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.9g", value)) ?? value
  }
}
