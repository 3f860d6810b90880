import Files
import Foundation
import TOMLKit

/// A recipe's text, read as TOML: its settings and its tables of settings, not yet interpreted.
struct RecipeDocument {
  /// The settings in the order of their keys.
  typealias Settings = [(key: String, value: SettingValue)]

  let path: String
  private(set) var settings: Settings = []
  /// Tables by name.
  private(set) var tables: [String: Settings] = [:]
  /// Lists of tables by name, as `[[case]]` writes them.
  private(set) var lists: [String: [Settings]] = [:]
  private let places: RecipePlaces

  /// The most bytes in UTF-8, far more than a recipe or a sweep has.
  static let mostBytes = 256 << 10

  /// Parses a text.
  ///
  /// - Parameter path: the file's, for messages.
  /// - Throws: `RecipeFileError`.
  init(parsing text: String, path: String) throws {
    self.path = path
    guard text.utf8.count <= Self.mostBytes else {
      throw RecipeFileError(path: path, problem: RecipeFileError.tooLarge)
    }
    places = RecipePlaces(text)
    try RecipeSyntax.check(text, path: path)
    let document: TOMLTable
    do {
      document = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw RecipeFileError(
        path: path, line: error.source.begin.line, column: error.source.begin.column,
        problem: error.description)
    }
    for key in document.keys {
      guard let value = document[key] else { continue }
      if let table = value.table {
        guard Recipe.setting(key) == nil else { throw unusable(key, in: nil) }
        tables[key] = try settings(of: table, named: key)
      } else if let list = value.array, !list.isEmpty, list.allSatisfy({ $0.table != nil }) {
        lists[key] = try list.map { try settings(of: $0.table!, named: key) }
      } else {
        guard let value = try Self.value(value) else { throw unusable(key, in: nil) }
        settings.append((key, value))
      }
    }
  }

  /// An error about a setting, at its place.
  func error(_ key: String, in table: String? = nil, _ problem: String) -> RecipeFileError {
    let place = places.place(of: key, in: table)
    return RecipeFileError(path: path, line: place?.line, column: place?.column, problem: problem)
  }

  private func settings(of table: TOMLTable, named name: String) throws -> Settings {
    // The library returns them in alphabetical order.
    let keys = table.keys.map { ($0, places.place(of: $0, in: name)?.line ?? 0) }.sorted {
      ($0.1, $0.0) < ($1.1, $1.0)
    }
    return try keys.map { key, _ in
      guard let value = try table[key].flatMap(Self.value) else { throw unusable(key, in: name) }
      return (key, value)
    }
  }

  private func unusable(_ key: String, in table: String?) -> RecipeFileError {
    error(key, in: table, "\(key): no setting has a value of this kind.")
  }

  private static func value(_ value: any TOMLValueConvertible) throws -> SettingValue? {
    if let text = value.string { return .text(text) }
    if let number = value.int { return .integer(number) }
    if let number = value.double { return .number(number) }
    guard let list = value.array else { return nil }
    let values = try list.compactMap(Self.value)
    return values.count == list.count ? .list(values) : nil
  }
}

/// A mistake in a recipe file.
public struct RecipeFileError: Error, Sendable, CustomStringConvertible {
  let path: String
  /// The line, from 1; nil if the position is unknown.
  public let line: Int?
  /// The column, from 1.
  public let column: Int?
  let problem: String

  /// The problem of a text that is larger than `RecipeDocument.mostBytes`.
  static let tooLarge =
    "it is too large for a recipe; the most is \(RecipeDocument.mostBytes >> 10) KiB."

  init(path: String, line: Int? = nil, column: Int? = nil, problem: String) {
    self.path = path
    self.line = line
    self.column = column
    self.problem = problem
  }

  public var description: String {
    guard let line, let column else { return "\(path): \(problem)" }
    return "\(path), line \(line), column \(column): \(problem)"
  }
}
