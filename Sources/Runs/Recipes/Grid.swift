import Files
import Impasto

/// The settings that a sweep changes: `[sweep]` has lists of values, of which every combination
/// is a cell, and each `[[case]]` has settings that belong together.
public struct Grid: Sendable {
  /// A setting with its values.
  typealias Axis = (key: String, values: [SettingValue])

  /// One transfer of a sweep.
  public struct Cell: Sendable {
    /// The settings that distinguish the cell, such as `style-weight=100 style=auvers`.
    public let label: String
    /// The cell's settings, on top of the sweep's own.
    public let recipe: Recipe
    /// The settings as the file gives them: a preset by its name.
    let settings: RecipeDocument.Settings
  }

  /// All cells, the last axis changing fastest.
  public let cells: [Cell]
  /// How many values the last axis has: the columns of a contact sheet.
  public let columns: Int

  private static let mostCells = 10_000

  /// Nil without axes and cases.
  ///
  /// - Throws: `RecipeFileError`.
  init?(axes: RecipeDocument.Settings, cases: [RecipeDocument.Settings], document: RecipeDocument)
    throws
  {
    guard !axes.isEmpty || !cases.isEmpty else { return nil }
    let axes: [Axis] = try axes.map { key, value in
      guard case .list(let values) = value, !values.isEmpty else {
        throw document.error(key, in: "sweep", "\(key): must be a list of values to try.")
      }
      return (key, values)
    }
    let count = axes.reduce(Double(max(1, cases.count))) { $0 * Double($1.values.count) }
    guard count <= Double(Self.mostCells) else {
      throw RecipeFileError(
        path: document.path,
        problem: "the sweep has \(Int(count)) cells; the most is \(Self.mostCells).")
    }
    var combinations: [RecipeDocument.Settings] = cases.isEmpty ? [[]] : cases
    for axis in axes {
      combinations = combinations.flatMap { settings in
        axis.values.map { settings + [(axis.key, $0)] }
      }
    }
    cells = try combinations.map { settings in
      Cell(
        label: settings.map { "\($0.key)=\($0.value)" }.joined(separator: " "),
        recipe: try RecipeFile.recipe(
          settings, of: document, in: cases.isEmpty ? "sweep" : "case"), settings: settings)
    }
    columns = axes.last?.values.count ?? cases.count
  }
}
