import Foundation
import Impasto

/// The settings of a publication or a well-known program, as a recipe file that Impasto ships.
public struct Preset: Sendable {
  /// The name that selects the preset.
  public let name: String
  /// The source of the settings, in a line.
  public let source: String
  /// The settings.
  public let recipe: Recipe
  /// The text of the preset's file, with comments on where it differs from the source.
  public let text: String

  /// All presets by name.
  ///
  /// - Throws: `ResourcesError`, and `RecipeFileError` for a damaged file.
  public static func all() throws -> [Preset] {
    let folder = try Resources.located().folder.appendingPathComponent("presets")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return try files.filter { $0.hasSuffix(".toml") }.sorted().map { file in
      let path = folder.appendingPathComponent(file).path
      let text = try RecipeFile.text(path)
      let title = text.prefix { $0 != "\n" }.trimmingCharacters(
        in: CharacterSet(charactersIn: "# "))
      return Preset(
        name: String(file.dropLast(".toml".count)), source: title,
        recipe: try RecipeFile(text: text, path: path).recipe, text: text)
    }
  }

  /// The preset of a name.
  ///
  /// - Throws: `SettingError` that lists all names, and as `all()`.
  public static func named(_ name: String) throws -> Preset {
    let presets = try all()
    guard let preset = presets.first(where: { $0.name == name }) else {
      throw SettingError(
        "preset", value: name,
        problem: "there is no such preset; choose from "
          + presets.map(\.name).joined(separator: ", ") + ".")
    }
    return preset
  }
}
