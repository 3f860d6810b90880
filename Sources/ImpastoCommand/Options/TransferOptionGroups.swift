import ArgumentParser
import Impasto
import Runs

/// Options that are settings of a recipe. A missing option takes the value of the recipe or preset,
/// and then the default.
protocol RecipeOptions: ParsableArguments {
  /// Writes the given settings.
  func apply(to recipe: inout Recipe)
}

/// The sizes of result and painting.
struct SizeOptions: RecipeOptions {
  @Option(
    help: ArgumentHelp(
      "The longer side of the result in pixels, or original (default: at most \(Recipe.defaultSide)).",
      valueName: "pixels|original"))
  var size: ResultSize?

  @OptionGroup var style: StyleSizeOptions

  func apply(to recipe: inout Recipe) {
    recipe.size = size
    style.apply(to: &recipe)
  }
}

/// The size of the painting.
struct StyleSizeOptions: RecipeOptions {
  @Option(help: ArgumentHelp("The longer side of the painting in pixels.", valueName: "pixels"))
  var styleSize: Int?

  @Option(
    help: ArgumentHelp(
      "The painting's longer side as a multiple of the photo's; 1,0.5 for one of each style (default: \(Recipe.defaultText(of: "style-scale"))).",
      valueName: "factors"))
  var styleScale: String?

  func apply(to recipe: inout Recipe) {
    recipe.styleSize = styleSize
    recipe.styleScale = styleScale.map(NumberList.numbers)
  }
}

/// The objective to minimize.
struct ObjectiveOptions: RecipeOptions {
  @Option(
    help: "The weight of the content loss (default: \(Recipe.defaultText(of: "content-weight"))).")
  var contentWeight: Double?

  @Option(
    help: "The weight of the style loss (default: \(Recipe.defaultText(of: "style-weight"))).")
  var styleWeight: Double?

  @Option(
    help:
      "The weight of the total variation, which smooths (default: \(Recipe.defaultText(of: "tv-weight")))."
  )
  var tvWeight: Double?

  @Option(
    help:
      "The distance of styles: gram (of Gram matrices) or wasserstein (of means and covariances) (default: \(Recipe.defaultText(of: "style-loss")))."
  )
  var styleLoss: StyleLoss?

  @Option(
    help: ArgumentHelp(
      "The divisor of the losses, so that published weights carry over (default: \(Recipe.defaultText(of: "normalization"))). The balance of relative depends neither on the picture's size nor on the network.",
      valueName: "name"))
  var normalization: Normalization?

  func apply(to recipe: inout Recipe) {
    recipe.contentWeight = contentWeight
    recipe.styleWeight = styleWeight
    recipe.tvWeight = tvWeight
    recipe.styleLoss = styleLoss
    recipe.normalization = normalization
  }
}

/// The optimization.
struct OptimizationOptions: RecipeOptions {
  @Option(
    help:
      "The optimizer: lbfgs, adam or gradient-descent (default: \(Recipe.defaultText(of: "optimizer")))."
  )
  var optimizer: OptimizerName?

  @Option(
    help:
      "The quality: draft for a first look, standard, or best (default: \(Recipe.defaultText(of: "quality"))). Standard and best end early when the loss hardly falls."
  )
  var quality: Quality?

  @Option(
    help: ArgumentHelp(
      "A fixed number of optimizer steps, which replaces --quality (standard takes at most \(Quality.standard.iterations)).",
      valueName: "steps"))
  var iterations: Int?

  @Option(
    help: ArgumentHelp(
      "The number of sizes, from coarse to fine in steps of √2; 1 is the classic method (default: down to 128 pixels for lbfgs from the photo, otherwise 1).",
      valueName: "number"))
  var scales: Int?

  @Option(
    help: ArgumentHelp(
      "The width in pixels of the photo's mirror image that is painted around it and cut off, which avoids a visible frame (default: \(Recipe.defaultText(of: "margin"))).",
      valueName: "pixels"))
  var margin: Int?

  @Option(
    help: ArgumentHelp(
      "The step size of adam (default: \(Recipe.defaultText(of: "learning-rate"))) and gradient-descent (default: \(Recipe.descentRatePerPixel) times the result's pixels).",
      valueName: "rate"))
  var learningRate: Double?

  @Option(help: "The seed of the noise, 0 to 2^63-1 (default: \(Recipe.defaultText(of: "seed"))).")
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

/// The start of the optimization.
struct StartOptions: RecipeOptions {
  @Option(
    help: ArgumentHelp(
      "The start: recolored (the photo with its colors moved halfway to the painting's), content (the photo), noise, blend, style (the painting), or a picture file (default: \(Recipe.defaultText(of: "init"))).",
      valueName: "recolored|content|noise|blend|style|file")
  )
  var `init`: String?

  @Option(
    help: ArgumentHelp(
      "The part of noise in a blended start, 0 to 1 (default: \(Recipe.defaultText(of: "noise-ratio"))).",
      valueName: "ratio"))
  var noiseRatio: Double?

  func apply(to recipe: inout Recipe) {
    recipe.start = `init`
    recipe.noiseRatio = noiseRatio
  }
}

/// The encoding of a result's file.
struct EncodingOptions: RecipeOptions {
  @Option(
    help:
      "The quality of JPEG, WebP, AVIF and JPEG XL files, 1 to 100 (default: \(Recipe.defaultText(of: "jpeg-quality")))."
  )
  var jpegQuality: Int?

  @Option(
    help:
      "Bits per channel: 8; 16 for PNG, TIFF, JPEG XL and PPM; 32, which are floats, for TIFF (default: \(Recipe.defaultText(of: "bit-depth")))."
  )
  var bitDepth: Int?

  @Option(
    help:
      "The format, which --output - needs: standard output (default: that of the result's extension)."
  )
  var format: PictureFormat?

  @Flag(help: "Leave the recipe out of the result.")
  var noMetadata = false

  /// Whether results carry their recipe.
  var includesMetadata: Bool { !noMetadata }

  func apply(to recipe: inout Recipe) {
    recipe.jpegQuality = jpegQuality
    recipe.bitDepth = bitDepth
  }

  /// Refuses a quality for a format without one, and a format that contradicts the extension.
  func check(path: String) throws {
    let format = try format ?? PictureFormat(path: path)
    if let own = try? PictureFormat(path: path), own != format {
      throw ValidationError(
        "--format \(format.rawValue): \(path) has the extension of another format.")
    }
    if jpegQuality != nil, !format.isLossy {
      throw ValidationError("--jpeg-quality: \(path) is neither JPEG, WebP, AVIF nor JPEG XL.")
    }
  }
}

/// The parts of a photo that take a style.
struct RegionOptions: RecipeOptions {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Masks of a style's part of the photo and of the painting: gray pictures, white inside; one for each --style, in the same order. A colon in a name is written \\:.",
      valueName: "photo-mask:painting-mask"))
  var mask: [String] = []

  @Option(
    help: ArgumentHelp("A gray picture, white where the photo stays unchanged.", valueName: "mask"))
  var protect: String?

  func apply(to recipe: inout Recipe) {
    recipe.mask = mask.isEmpty ? nil : mask
    recipe.protect = protect
  }
}

/// The colors of the result.
struct ColorOptions: RecipeOptions {
  @Option(
    help: ArgumentHelp(
      "Keep the photo's colors: luminance repaints in gray and adds the photo's chroma; histogram, cholesky and pca first recolor the painting like the photo (default: \(Recipe.defaultText(of: "color"))).",
      valueName: "method"))
  var color: ColorChoice?

  @Flag(help: "Short for --color \(Recipe.bestColor.rawValue).")
  var preserveColor = false

  mutating func validate() throws {
    if preserveColor, color != nil {
      throw ValidationError("--preserve-color and --color: cannot be combined.")
    }
  }

  func apply(to recipe: inout Recipe) {
    recipe.color = preserveColor ? Recipe.bestColor : color
  }
}

/// The frames of a run.
struct FrameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write a frame after every N iterations.", valueName: "iterations"))
  var saveEvery: Int?

  @Option(help: ArgumentHelp("The folder for the frames.", valueName: "folder"))
  var frames: String?

  mutating func validate() throws {
    try Validation.atLeast(1, saveEvery, "--save-every")
    if (saveEvery == nil) != (frames == nil) {
      throw ValidationError("--save-every and --frames: each needs the other.")
    }
  }

  /// The frames to write; nil for none.
  var output: TransferJob.FrameOutput? {
    guard let frames, let saveEvery else { return nil }
    return TransferJob.FrameOutput(folder: frames, interval: saveEvery)
  }
}

extension ColorChoice: ExpressibleByArgument {}
extension StyleLoss: ExpressibleByArgument {}
extension Normalization: ExpressibleByArgument {}
extension PictureFormat: ExpressibleByArgument {}
extension OptimizerName: ExpressibleByArgument {}
extension Quality: ExpressibleByArgument {}
extension ResultSize: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
