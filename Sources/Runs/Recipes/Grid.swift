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
      if key != RecipeFile.presetKey { _ = try RecipeFile.setting(key, of: document, in: "sweep") }
      guard case .list(let values) = value, !values.isEmpty else {
        throw document.error(key, in: "sweep", "\(key): must be a list of values to try.")
      }
      return (key, values)
    }
    try Self.checkCount([max(1, cases.count)] + axes.map(\.values.count), document)
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

  /// Refuses a sweep of more cells than anybody computes. The product of the numbers may not fit
  /// into any integer.
  private static func checkCount(_ numbers: [Int], _ document: RecipeDocument) throws {
    var count = 1
    for number in numbers {
      let (product, overflow) = count.multipliedReportingOverflow(by: number)
      guard !overflow, product <= mostCells else {
        throw RecipeFileError(
          path: document.path, problem: "the sweep has more than \(mostCells) cells.")
      }
      count = product
    }
  }
}
