import Files
import Foundation
import Impasto
import TOMLKit

/// A recipe file: the settings with everything else that the file contains.
public struct RecipeFile: Sendable {
  /// The settings, on top of the preset's if the file names one.
  public let recipe: Recipe
  /// The versions and checksums in the record of a run.
  public let provenance: Provenance?
  /// The settings that a sweep changes; nil for a single transfer.
  public let grid: Grid?
  /// The path of the file.
  public let path: String
  let text: String

  private static let tables = ["made-with", "sha256", "sweep"]
  private static let caseList = "case"
  /// The one key that is no setting, but stands for several.
  static let presetKey = "preset"

  /// Reads a recipe: a TOML file, or a picture that carries one.
  ///
  /// - Throws: `RecipeFileError`.
  public init(path: String) throws {
    if (try? PictureFormat(path: path)) != nil {
      guard let text = try PictureFile(path).recipe else {
        throw RecipeFileError(
          path: path, problem: "the picture carries no recipe; only Impasto's own results do.")
      }
      try self.init(text: text, path: path)
    } else {
      try self.init(text: Self.text(path), path: path)
    }
  }

  /// Reads a recipe's text.
  ///
  /// - Throws: `RecipeFileError`.
  public init(text: String, path: String) throws {
    let document = try RecipeDocument(parsing: text, path: path)
    self.path = path
    self.text = text
    for name in document.tables.keys.sorted() where !Self.tables.contains(name) {
      throw document.error(name, "unknown table [\(name)].")
    }
    for name in document.lists.keys.sorted() where name != Self.caseList {
      throw document.error(name, "unknown list [[\(name)]].")
    }
    var recipe = try Self.recipe(document.settings, of: document, in: nil)
    recipe.version = recipe.version ?? 1
    self.recipe = recipe
    do {
      try recipe.check()
    } catch {
      throw RecipeFileError(path: path, problem: "\(error)")
    }
    provenance = document.tables["made-with"].map {
      Provenance(madeWith: $0, digests: document.tables["sha256"] ?? [])
    }
    grid = try Grid(
      axes: document.tables["sweep"] ?? [], cases: document.lists[Self.caseList] ?? [],
      document: document)
  }

  /// Reads settings, on top of the preset's if they name one.
  static func recipe(
    _ settings: RecipeDocument.Settings, of document: RecipeDocument, in table: String?
  ) throws -> Recipe {
    var (own, preset) = (Recipe(), Recipe())
    for (key, value) in settings {
      if key == presetKey {
        do {
          preset = try Preset.named(value.description).recipe
        } catch {
          throw document.error(key, in: table, "\(error)")
        }
        continue
      }
      let setting = try setting(key, of: document, in: table)
      guard setting.set(&own, value) else {
        throw document.error(key, in: table, "\(key): must be \(setting.kind).")
      }
    }
    return preset.overridden(by: own)
  }

  /// The setting of a key, or an error that lists all keys.
  static func setting(_ key: String, of document: RecipeDocument, in table: String?) throws
    -> Recipe.Setting
  {
    guard let setting = Recipe.setting(key) else {
      throw document.error(
        key, in: table,
        "unknown setting \(key); there are " + Recipe.settings.map(\.key).joined(separator: ", ")
          + " and preset.")
    }
    return setting
  }

  /// Reads a recipe's text.
  ///
  /// - Throws: `RecipeFileError`.
  static func text(_ path: String) throws -> String {
    func error(_ problem: String) -> RecipeFileError {
      RecipeFileError(path: path, problem: problem)
    }
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch FileError.unreadable(_, let reason) {
      throw error("cannot read the recipe: \(reason).")
    }
    guard file.count <= RecipeDocument.mostBytes else { throw error(RecipeFileError.tooLarge) }
    guard let text = String(data: file.data, encoding: .utf8) else {
      throw error("it is not UTF-8 text.")
    }
    return text
  }
}

extension Recipe {
  /// The recipe as the text of a file, with what it was made with.
  public func text(madeWith provenance: Provenance? = nil) -> String {
    var recipe = self
    recipe.version = version ?? Self.currentVersion
    var lines = recipe.values.map { Self.line($0.key, $0.value) }
    if let provenance {
      lines += ["", "[made-with]"] + provenance.madeWith.map { Self.line($0.key, .text($0.value)) }
      lines += ["", "[sha256]"] + provenance.digests.map { Self.line($0.key, .text($0.value)) }
    }
    return lines.map { "\($0)\n" }.joined()
  }

  private static func line(_ key: String, _ value: SettingValue) -> String {
    let name = TOMLTable([key: 0]).convert(to: .toml).dropLast(" = 0".count)
    return "\(name) = \(toml(value))"
  }

  private static func toml(_ value: SettingValue) -> String {
    switch value {
    case .text(let text):
      // The library knows what to escape.
      String(
        TOMLTable(["": text]).convert(to: .toml, options: [.allowUnicodeStrings])
          .dropFirst("'' = ".count))
    // It would write 17 digits.
    case .integer, .number: value.description
    case .list(let values): "[" + values.map(toml).joined(separator: ", ") + "]"
    }
  }
}
