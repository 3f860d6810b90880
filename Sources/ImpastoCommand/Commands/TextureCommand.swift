import ArgumentParser
import Impasto
import Runs

struct TextureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "texture",
    abstract: "Make a texture of any size from a picture: its style without a photo.",
    discussion: "impasto texture spring --size 768x512 -o texture.png")

  @Argument(help: "The picture: a file, or a name from impasto styles.")
  var picture: String

  @Option(
    help: ArgumentHelp(
      "The result's size in pixels, or its longer side for the picture's shape.",
      valueName: "pixels|WIDTHxHEIGHT"))
  var size: ResultSize?

  @Option(name: .shortAndLong, help: "The result: \(PictureFormat.extensions).")
  var output: String?

  @OptionGroup var style: StyleSizeOptions
  @OptionGroup var network: NetworkOptions

  @Option(
    help:
      "The weight of the total variation, which smooths (default: \(Recipe.defaultText(of: "tv-weight")))."
  )
  var tvWeight: Double?

  @OptionGroup var optimization: OptimizationOptions
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var record: RecordOptions
  @OptionGroup var frames: FrameOptions
  @OptionGroup var work: WorkOptions

  func run() async throws {
    var recipe = Recipe()
    let groups: [any RecipeOptions] = [style, network, optimization, encoding]
    for group in groups { group.apply(to: &recipe) }
    recipe.style = [picture]
    recipe.size = size
    recipe.tvWeight = tvWeight
    try recipe.check()
    try await work.run { [self, recipe] in
      try await TransferBatch(
        recipe: recipe, photos: [], output: output, encoding: encoding, record: record,
        frames: frames, work: work
      ).run()
    }
  }
}
