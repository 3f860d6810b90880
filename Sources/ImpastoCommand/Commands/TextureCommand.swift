import ArgumentParser
import Impasto
import Runs

struct TextureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "texture",
    abstract: "Make a texture of any size from a picture: its style without a photo.",
    discussion: "impasto texture spring --size 768x512 -o texture.png")

  @Argument(help: "The picture: a file, or a name from impasto styles.")
  var picture: String?

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
  @OptionGroup var checkpoints: CheckpointOptions
  @OptionGroup var frames: FrameOptions
  @OptionGroup var memory: MemoryOption
  @OptionGroup var work: WorkOptions

  func run() async throws {
    let recipe = settings
    if let path = checkpoints.resume {
      let isAlone =
        recipe == Recipe() && output == nil && record.run == nil && frames.output == nil
        && encoding.includesMetadata && encoding.format == nil
      return try await checkpoints.run(path, isAlone: isAlone, memory: memory, work: work)
    }
    guard picture != nil else {
      throw ValidationError("Missing expected argument '<picture>': name a file or a painting.")
    }
    try recipe.check()
    try await work.run { [self] in
      try await TransferBatch(
        recipe: recipe, photos: [], output: output, encoding: encoding, record: record,
        frames: frames, checkpoints: checkpoints, memory: memory, work: work
      ).run()
    }
  }

  /// The settings of the command line.
  private var settings: Recipe {
    var recipe = Recipe()
    let groups: [any RecipeOptions] = [style, network, optimization, encoding]
    for group in groups { group.apply(to: &recipe) }
    recipe.style = picture.map { [$0] }
    recipe.size = size
    recipe.tvWeight = tvWeight
    return recipe
  }
}
