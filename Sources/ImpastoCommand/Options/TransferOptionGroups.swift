import ArgumentParser
import Impasto
import Runs

/// Options that are settings of a recipe; what is not given is left to the recipe or the
/// preset, and then to the defaults.
protocol RecipeOptions: ParsableArguments {
  /// Writes the settings that are given.
  func apply(to recipe: inout Recipe)
}

/// How large photo and painting are looked at.
struct SizeOptions: RecipeOptions {
  @Option(
    help: ArgumentHelp(
      "The longer side of the result in pixels, or original; by default at most \(Recipe.defaultSide).",
      valueName: "pixels|original"))
  var size: ResultSize?

  @OptionGroup var style: StyleSizeOptions

  func apply(to recipe: inout Recipe) {
    recipe.size = size
    style.apply(to: &recipe)
  }
}

/// How large a painting is looked at.
struct StyleSizeOptions: RecipeOptions {
  @Option(help: ArgumentHelp("The longer side of the painting in pixels.", valueName: "pixels"))
  var styleSize: Int?

  @Option(
    help: ArgumentHelp(
      "The painting's longer side as a multiple of the photo's (default: 1).", valueName: "factor"))
  var styleScale: Double?

  func apply(to recipe: inout Recipe) {
    recipe.styleSize = styleSize
    recipe.styleScale = styleScale
  }
}

/// What is minimised.
struct ObjectiveOptions: RecipeOptions {
  @Option(help: "The weight of the content loss (default: 1).")
  var contentWeight: Double?

  @Option(help: "The weight of the style loss (default: 1000).")
  var styleWeight: Double?

  @Option(help: "The weight of the total variation, which smooths (default: 10000).")
  var tvWeight: Double?

  @Option(
    help: ArgumentHelp(
      "What the losses are divided by, so that published weights carry over (default: per-position, whose balance does not shift with the picture's size).",
      valueName: "name"))
  var normalization: Normalization?

  func apply(to recipe: inout Recipe) {
    recipe.contentWeight = contentWeight
    recipe.styleWeight = styleWeight
    recipe.tvWeight = tvWeight
    recipe.normalization = normalization
  }
}

/// How it is minimised.
struct OptimizationOptions: RecipeOptions {
  @Option(help: "The optimiser: lbfgs, adam or gradient-descent (default: lbfgs).")
  var optimizer: OptimizerName?

  @Option(
    help:
      "How far to go: draft for a first look, standard, or best; standard and best end sooner where the loss hardly falls any more (default: standard)."
  )
  var quality: Quality?

  @Option(
    help: ArgumentHelp(
      "Exactly so many steps of the optimiser instead (standard takes at most \(Quality.standard.iterations)).",
      valueName: "steps"))
  var iterations: Int?

  @Option(
    help: ArgumentHelp(
      "Sizes to go through, from coarse to fine in steps of √2; 1 is the classic method (default: down to 256 pixels for lbfgs from the photo, else 1).",
      valueName: "number"))
  var scales: Int?

  @Option(
    help: ArgumentHelp(
      "Pixels of the photo's mirror image that are painted around it and cut off, so that no frame shows (default: \(TransferOptions().margin)).",
      valueName: "pixels"))
  var margin: Int?

  @Option(
    help: ArgumentHelp(
      "The step size of adam (default: \(Recipe.defaultAdamRate)) and gradient-descent (default: \(Recipe.descentRatePerPixel) times the result's pixels).",
      valueName: "rate"))
  var learningRate: Double?

  @Option(help: "The seed of the noise, 0 to 2^63-1 (default: 0).")
  var seed: Int?

  func apply(to recipe: inout Recipe) {
    recipe.optimizer = optimizer
    recipe.quality = quality
    recipe.iterations = iterations
    recipe.scales = scales
    recipe.margin = margin
    recipe.learningRate = learningRate
    recipe.seed = seed
  }
}

/// Where the optimisation starts.
struct StartOptions: RecipeOptions {
  @Option(
    help: ArgumentHelp(
      "The start: recolored (the photo, half of the way to the painting's colours), content (the photo), noise, blend, style (the painting), or a picture file (default: recolored).",
      valueName: "recolored|content|noise|blend|style|file")
  )
  var `init`: String?

  @Option(
    help: ArgumentHelp(
      "How much of a blended start is noise, 0 to 1 (default: \(Recipe.defaultNoiseRatio)).",
      valueName: "ratio"))
  var noiseRatio: Double?

  func apply(to recipe: inout Recipe) {
    recipe.start = `init`
    recipe.noiseRatio = noiseRatio
  }
}

/// How a result's file is written.
struct EncodingOptions: RecipeOptions {
  @Option(help: "The quality of JPEG and WebP files, 1 to 100 (default: 95).")
  var jpegQuality: Int?

  @Option(help: "Bits a channel: 8, or 16 for PNG and TIFF (default: 8).")
  var bitDepth: Int?

  @Flag(name: .customLong("no-metadata"), help: "Leaves the recipe out of the result.")
  var leavesOutMetadata = false

  func apply(to recipe: inout Recipe) {
    recipe.jpegQuality = jpegQuality
    recipe.bitDepth = bitDepth
  }

  /// Refuses a quality for a format that has none.
  func check(path: String) throws {
    let format = try PictureFormat(path: path)
    if jpegQuality != nil, format != .jpg, format != .webp {
      throw ValidationError("--jpeg-quality: \(path) is neither JPEG nor WebP.")
    }
  }
}

/// Which parts of a photo take a style.
struct RegionOptions: RecipeOptions {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Where a style goes, and from where in the painting: grey pictures, white inside; one for each --style, in their order.",
      valueName: "photo-mask:painting-mask"))
  var mask: [String] = []

  @Option(
    help: ArgumentHelp("A grey picture, white where the photo stays as it is.", valueName: "mask"))
  var protect: String?

  func apply(to recipe: inout Recipe) {
    recipe.mask = mask.isEmpty ? nil : mask
    recipe.protect = protect
  }
}

/// How the photo's colours are kept.
struct ColorOptions: RecipeOptions {
  @Option(
    help: ArgumentHelp(
      "Keeps the photo's colours: luminance repaints in grey and adds the photo's chroma; histogram, cholesky and pca recolour the painting like the photo first.",
      valueName: "method"))
  var color: ColorChoice?

  @Flag(help: "Short for --color \(Recipe.bestColor.rawValue).")
  var preserveColor = false

  mutating func validate() throws {
    if preserveColor, color != nil {
      throw ValidationError("--preserve-color and --color: give one of them.")
    }
  }

  func apply(to recipe: inout Recipe) {
    recipe.color = preserveColor ? Recipe.bestColor : color
  }
}

/// Frames of the synthesis.
struct FrameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Writes a frame after every so many iterations.", valueName: "iterations"))
  var saveEvery: Int?

  @Option(help: ArgumentHelp("The folder for the frames.", valueName: "folder"))
  var frames: String?

  mutating func validate() throws {
    try Validation.atLeast(1, saveEvery, "--save-every")
    if (saveEvery == nil) != (frames == nil) {
      throw ValidationError("--save-every and --frames: each needs the other.")
    }
  }
}

extension ColorChoice: ExpressibleByArgument {}
extension Normalization: ExpressibleByArgument {}
extension OptimizerName: ExpressibleByArgument {}
extension Quality: ExpressibleByArgument {}
extension ResultSize: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
