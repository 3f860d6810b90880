import Impasto

extension Recipe {
  /// The longer side of a result when nothing says it.
  public static let defaultSide = 512
  /// The step size of Adam.
  public static let defaultAdamRate = 0.02
  /// The step size of gradient descent: a pixel's share of the objective, and so its gradient,
  /// shrinks as the picture grows.
  public static let descentRatePerPixel = 2e-10
  /// How much of a blended start is noise, as in the classic TensorFlow assignment.
  public static let defaultNoiseRatio = 0.6
  /// The colour method that looked best on sample pictures.
  public static let bestColor = ColorChoice.luminance

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
    let standard = TransferOptions()
    var recipe = Recipe()
    recipe.contentWeight = content == nil ? 0 : standard.weights.content
    recipe.styleWeight = style == [] ? 0 : standard.weights.style
    recipe.tvWeight = standard.weights.totalVariation
    recipe.normalization = standard.normalization
    recipe.styleLayers = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1"
    recipe.contentLayers = "conv4_2"
    recipe.model = Model.vgg16HED.name
    recipe.pooling = .average
    recipe.padding = .replicate
    recipe.optimizer = .lbfgs
    recipe.quality = .standard
    recipe.margin = standard.margin
    recipe.start = content == nil || style == [] ? "noise" : "recolored"
    recipe.seed = 0
    recipe.color = ColorChoice.none
    recipe.bitDepth = 8
    recipe.jpegQuality = 95
    recipe.styleScale = 1
    if style?.isEmpty == false { recipe.styleBlend = style!.map { _ in 1 } }
    recipe.content = content
    recipe.style = style
    var own = self
    own.content = nil
    own.style = nil
    recipe = recipe.overridden(by: own)
    if recipe.optimizer == .adam { recipe.learningRate = learningRate ?? Self.defaultAdamRate }
    if recipe.start == "blend" { recipe.noiseRatio = noiseRatio ?? Self.defaultNoiseRatio }
    return recipe
  }
}
