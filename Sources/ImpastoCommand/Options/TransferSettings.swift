import ArgumentParser
import Runs

/// The settings of a transfer of a photo, which a plan needs as well.
struct TransferSettings: RecipeOptions {
  @Option(
    name: .long, parsing: .singleValue,
    help:
      "A painting: a file, or a name from impasto styles. Repeat the option to blend styles.",
    completion: Completion.styles)
  var style: [String] = []

  @Option(
    help: ArgumentHelp(
      "The part of each style, such as 3,7 (default: equal parts).", valueName: "weights"))
  var styleBlend: String?

  @OptionGroup(title: "Recipe") var base: BaseOptions
  @OptionGroup(title: "Size") var sizes: SizeOptions
  @OptionGroup(title: "Objective") var objective: ObjectiveOptions
  @OptionGroup(title: "Regions") var regions: RegionOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Optimization") var optimization: OptimizationOptions
  @OptionGroup(title: "Start") var start: StartOptions
  @OptionGroup(title: "Color") var color: ColorOptions

  func apply(to recipe: inout Recipe) {
    let groups: [any RecipeOptions] = [
      sizes, objective, regions, network, optimization, start, color,
    ]
    for group in groups { group.apply(to: &recipe) }
    recipe.style = style.isEmpty ? nil : style
    recipe.styleBlend = styleBlend.map(NumberList.numbers)
  }
}
