/// A setting's value in a recipe file.
public enum SettingValue: Sendable, Hashable, CustomStringConvertible {
  case text(String)
  case integer(Int)
  case number(Double)
  case list([SettingValue])

  /// The value for people: a list with commas.
  public var description: String {
    switch self {
    case .text(let text): text
    case .integer(let value): String(value)
    case .number(let value): Self.text(of: value)
    case .list(let values): values.map(\.description).joined(separator: ",")
    }
  }

  /// A number, without a fraction of zero.
  static func text(of value: Double) -> String {
    Int(exactly: value).map { $0.magnitude < 1_000_000_000 ? String($0) : String(value) }
      ?? String(value)
  }
}

/// In JSON, a value stands for itself.
extension SettingValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .integer(number)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .list(try container.decode([SettingValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .integer(let number): try container.encode(number)
    case .number(let number): try container.encode(number)
    case .list(let values): try container.encode(values)
    }
  }
}

/// A type that a setting can have.
protocol SettingConvertible: Sendable {
  /// The kind of values in error messages, such as `a number`.
  static var kind: String { get }
  /// Nil for a value of another type.
  init?(_ value: SettingValue)
  var settingValue: SettingValue { get }
}

extension String: SettingConvertible {
  static var kind: String { "a text in quotes" }
  init?(_ value: SettingValue) {
    guard case .text(let text) = value else { return nil }
    self = text
  }
  var settingValue: SettingValue { .text(self) }
}

extension Int: SettingConvertible {
  static var kind: String { "a whole number" }
  init?(_ value: SettingValue) {
    guard case .integer(let number) = value else { return nil }
    self = number
  }
  var settingValue: SettingValue { .integer(self) }
}

extension Double: SettingConvertible {
  static var kind: String { "a number" }
  init?(_ value: SettingValue) {
    switch value {
    case .integer(let number): self = Double(number)
    case .number(let number): self = number
    default: return nil
    }
  }
  var settingValue: SettingValue { .number(self) }
}

/// A list of one value may be written without brackets.
extension Array: SettingConvertible where Element: SettingConvertible {
  static var kind: String { "\(Element.kind), or a list of them" }
  init?(_ value: SettingValue) {
    guard case .list(let values) = value else {
      guard let element = Element(value) else { return nil }
      self = [element]
      return
    }
    let elements = values.compactMap(Element.init)
    guard elements.count == values.count else { return nil }
    self = elements
  }
  var settingValue: SettingValue { .list(map(\.settingValue)) }
}

/// A setting that is one of a few words.
protocol SettingWord: SettingConvertible, CaseIterable, RawRepresentable<String> {}

extension SettingWord {
  static var kind: String {
    "one of " + allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  }
  init?(_ value: SettingValue) {
    guard case .text(let word) = value else { return nil }
    self.init(rawValue: word)
  }
  var settingValue: SettingValue { .text(rawValue) }
}
