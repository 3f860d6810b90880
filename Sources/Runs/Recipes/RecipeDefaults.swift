import Impasto

extension Recipe {
  /// The step size of gradient descent for each pixel of the result: a pixel's share of the
  /// objective, and so its gradient, shrinks as the picture grows.
  public static let descentRatePerPixel = 5e-5
  /// The color method that looked best on sample pictures.
  public static let bestColor = ColorChoice.luminance
  /// The longer side of a result without a size of its own.
  public static let defaultSide = options.longestSide!
  /// The noise of a blended start, as in the classic TensorFlow assignment.
  public static let defaultNoiseRatio = 0.6

  private static let options = TransferOptions()

  /// The version that is written to files. Version 1 is that of Impasto 0.1, whose files state none.
  public static let currentVersion = 2

  /// The defaults of a transfer from a photo, of everything that does not depend on the files.
  /// They come from `TransferOptions`, `PictureEncoding` and `NetworkConfiguration`.
  public static let defaults: Recipe = {
    let encoding = PictureEncoding(format: .png)
    var recipe = Recipe()
    if case .relative(let scale) = options.styleSize { recipe.styleScale = [scale] }
    recipe.contentWeight = options.weights.content
    recipe.styleWeight = options.weights.style
    recipe.tvWeight = options.weights.totalVariation
    recipe.styleLoss = options.styleLoss
    recipe.normalization = options.normalization
    recipe.styleLayers = LayerWeights.defaultStyleList
    recipe.contentLayers = LayerWeights.defaultContentList
    let network = StyleTransfer.defaultNetwork
    recipe.model = network.source
    recipe.pooling = network.pooling
    recipe.padding = network.padding
    recipe.precision = network.precision
    recipe.optimizer = OptimizerName(options.optimizer)
    recipe.quality = options.quality
    recipe.margin = options.margin
    recipe.start = "recolored"
    recipe.seed = Int(options.seed)
    recipe.color = ColorChoice.none
    recipe.bitDepth = encoding.bitDepth
    recipe.jpegQuality = encoding.quality
    return recipe
  }()

  /// The defaults of version 1, with which its recipes keep their results.
  private static let firstDefaults: Recipe = {
    var recipe = defaults
    recipe.contentWeight = 1
    recipe.styleWeight = 1000
    recipe.tvWeight = 10_000
    recipe.styleLoss = .gram
    recipe.normalization = .perPosition
    recipe.styleLayers = LayerWeights.paperStyleList
    recipe.contentLayers = LayerWeights.paperContentList
    recipe.model = Model.vgg16HED.name
    recipe.pooling = .average
    recipe.padding = .replicate
    recipe.start = "recolored"
    return recipe
  }()

  /// The least longer side of the coarsest size in version 1.
  static let firstCoarsestSide = 256.0
  /// The step size of gradient descent for each pixel in version 1.
  static let firstDescentRatePerPixel = 2e-10
  /// The number of steps of a draft in version 1.
  private static let firstDraft = 36

  /// The defaults of the recipe's version.
  var defaults: Recipe { version == 1 ? Self.firstDefaults : Self.defaults }

  /// A setting's default as a recipe writes it; empty for one without a fixed default.
  public static func defaultText(of key: String) -> String {
    let value =
      switch key {
      case "noise-ratio": defaultNoiseRatio.settingValue
      case "learning-rate": OptimizerChoice.adamLearningRate.settingValue
      default: setting(key).flatMap { $0.value(defaults) }
      }
    return value?.description ?? ""
  }

  /// The size of the result, for a photo or, in a texture, a painting of this size.
  func resultSize(of own: PixelSize) -> PixelSize {
    switch size {
    case .original: own
    case .longestSide(let side): own.scaled(toLongestSide: side)
    case .exactly(let size): size
    case nil: own.fitted(within: Self.defaultSide)
    }
  }

  /// The recipe with a default for everything that does not depend on the files.
  package func filled() -> Recipe {
    var base = defaults
    // A texture has no content, and a reconstruction of content no style.
    if content == nil { base.contentWeight = 0 }
    if style == [] { base.styleWeight = 0 }
    if content == nil || style == [] { base.start = "noise" }
    if style?.isEmpty == false { base.styleBlend = style!.map { _ in 1 } }
    base.model = ownModel
    base.content = content
    base.style = style
    var own = self
    own.content = nil
    own.style = nil
    var recipe = base.overridden(by: own)
    if recipe.optimizer == .adam {
      recipe.learningRate = learningRate ?? OptimizerChoice.adamLearningRate
    }
    if version == 1, recipe.quality == .draft {
      (recipe.quality, recipe.iterations) = (nil, Self.firstDraft)
    }
    if recipe.start == "blend" { recipe.noiseRatio = noiseRatio ?? Self.defaultNoiseRatio }
    return recipe
  }
}
