#if Studio

/// The name of a picture or a job in addresses and on disk: sixteen hexadecimal digits.
///
/// No other text is an identifier, so none can be a path.
struct Identifier: Hashable, Sendable, Codable, CustomStringConvertible {
  let description: String

  /// Makes a new one.
  init() {
    let number = UInt64.random(in: 0...UInt64.max)
    let digits = String(number, radix: 16)
    description = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Nil for any other text.
  init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16,
      text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    description = String(text)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let identifier = Identifier(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "must be an id of 16 hexadecimal digits")
    }
    self = identifier
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
#endif
