import ArgumentParser
import Runs

/// The base that a command's settings start from.
struct BaseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Settings of a publication or a well-known program; impasto presets lists them.",
      valueName: "name"), completion: Completion.presets)
  var preset: String?

  @Option(
    help: ArgumentHelp(
      "Repeat a transfer: a recipe.toml of a run, or a result that carries its recipe. Options override its settings.",
      valueName: "file"), completion: .file())
  var recipe: String?

  mutating func validate() throws {
    if preset != nil, recipe != nil {
      throw ValidationError("--preset and --recipe: cannot be combined.")
    }
  }

  /// The settings of the base with those of the command line on top, checked; and the recipe
  /// file that they come from.
  func recipe(overriddenBy own: Recipe) throws -> (Recipe, recorded: RecipeFile?) {
    let file = try recipe.map { try RecipeFile(path: $0) }
    if let file, file.grid != nil {
      throw ValidationError(
        "--recipe \(file.path): is a sweep; run impasto sweep \(file.path).")
    }
    let base = try file?.recipe ?? preset.map { try Preset.named($0).recipe } ?? Recipe()
    let merged = base.overridden(by: own)
    try merged.check()
    return (merged, file)
  }
}
