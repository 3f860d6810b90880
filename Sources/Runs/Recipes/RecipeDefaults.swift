import Impasto

extension Recipe {
  /// The step size of gradient descent for each pixel of the result: a pixel's share of the
  /// objective, and so its gradient, shrinks as the picture grows.
  public static let descentRatePerPixel = 2e-10
  /// The color method that looked best on sample pictures.
  public static let bestColor = ColorChoice.luminance
  /// The longer side of a result without a size of its own.
  public static let defaultSide = options.longestSide!
  /// The noise of a blended start, as in the classic TensorFlow assignment.
  public static let defaultNoiseRatio = 0.6

  private static let options = TransferOptions()

  /// The defaults of a transfer from a photo, of everything that does not depend on the files.
  /// They come from `TransferOptions`, `PictureEncoding` and `NetworkConfiguration`.
  public static let defaults: Recipe = {
    let encoding = PictureEncoding(format: .png)
    var recipe = Recipe()
    if case .relative(let scale) = options.styleSize { recipe.styleScale = [scale] }
    recipe.contentWeight = options.weights.content
    recipe.styleWeight = options.weights.style
    recipe.tvWeight = options.weights.totalVariation
    recipe.normalization = options.normalization
    recipe.styleLayers = LayerWeights.defaultStyleList
    recipe.contentLayers = LayerWeights.defaultContentList
    let network = StyleTransfer.defaultNetwork
    recipe.model = network.source
    recipe.pooling = network.pooling
    recipe.padding = network.padding
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
  func filled() -> Recipe {
    var base = Self.defaults
    // A texture has no content, and a reconstruction of content no style.
    if content == nil { base.contentWeight = 0 }
    if style == [] { base.styleWeight = 0 }
    if content == nil || style == [] { base.start = "noise" }
    if style?.isEmpty == false { base.styleBlend = style!.map { _ in 1 } }
    base.content = content
    base.style = style
    var own = self
    own.content = nil
    own.style = nil
    var recipe = base.overridden(by: own)
    if recipe.optimizer == .adam {
      recipe.learningRate = learningRate ?? OptimizerChoice.adamLearningRate
    }
    if recipe.start == "blend" { recipe.noiseRatio = noiseRatio ?? Self.defaultNoiseRatio }
    return recipe
  }
}
