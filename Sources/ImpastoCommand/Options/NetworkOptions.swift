import ArgumentParser
import Impasto
import Runs

/// The weights of the network.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network: a name from impasto models list, or a file of weights (default: \(Recipe.defaultText(of: "model")); for layers that only \(Model.vgg16HED.name) has, and for score and bench, that).",
      valueName: "name|file"), completion: Completion.models)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The preprocessing, if it cannot be detected from the file: caffe (blue, green, red, 0…255 less the mean) or torchvision.",
      valueName: "caffe|torchvision"))
  var preprocessing: InputConvention.Name?

  /// Opens the network.
  ///
  /// - Parameter standard: the network without an option.
  func network(
    standard: Model = .standard, pooling: Pooling = .average, padding: Padding = .zero,
    precision: Precision = .exact
  ) throws -> FeatureNetwork {
    var recipe = Recipe()
    apply(to: &recipe)
    recipe.model = recipe.model ?? standard.name
    recipe.pooling = pooling
    recipe.padding = padding
    recipe.precision = precision
    return try recipe.network()
  }

  /// The settings of the network for layers: without an option, the shipped one that has all of
  /// them.
  func recipe(for layers: [String]) -> Recipe {
    var recipe = Recipe()
    apply(to: &recipe)
    recipe.contentLayers = layers.joined(separator: ",")
    recipe.pooling = .average
    recipe.padding = .zero
    return recipe
  }

  func apply(to recipe: inout Recipe) {
    recipe.model = model
    recipe.preprocessing = preprocessing
  }
}

/// The precision of a network.
struct PrecisionOption: ParsableArguments {
  @Option(
    help:
      "The precision of the network's convolutions: exact, or fast for products of bfloat16 on processors with AVX-512 BF16 (default: \(Recipe.defaultText(of: "precision")))."
  )
  var precision: Precision?

  /// The precision, without the option the default.
  var chosen: Precision { precision ?? Recipe.defaults.precision! }
}

/// The network and its layers.
struct NetworkOptions: RecipeOptions {
  @OptionGroup var modelOption: ModelOption

  @Option(
    help: "Average or max pooling (default: \(Recipe.defaultText(of: "pooling")); score: avg).")
  var pooling: Pooling?

  @Option(
    help:
      "The padding of the first layer: replicate (the outermost pixels), zero (the mean color) or reflect (default: \(Recipe.defaultText(of: "padding")); score: zero)."
  )
  var padding: Padding?

  @OptionGroup var precisionOption: PrecisionOption

  @Option(
    help:
      "Style layers with weights, such as conv1_1:2,conv3_1, by names or numbers as in impasto layers (default: \(Recipe.defaultText(of: "style-layers")))."
  )
  var styleLayers: String?

  @Option(
    help: "Content layers with weights (default: \(Recipe.defaultText(of: "content-layers"))).")
  var contentLayers: String?

  func apply(to recipe: inout Recipe) {
    modelOption.apply(to: &recipe)
    recipe.pooling = pooling
    recipe.padding = padding
    recipe.precision = precisionOption.precision
    recipe.styleLayers = styleLayers
    recipe.contentLayers = contentLayers
  }

  /// Opens the network for the objective of Gatys, Ecker and Bethge (2015).
  func paperNetwork() throws -> FeatureNetwork {
    try modelOption.network(
      standard: .vgg16HED, pooling: pooling ?? .average, padding: padding ?? .zero,
      precision: precisionOption.chosen)
  }

  /// The style layers, without an option those of Gatys, Ecker and Bethge (2015).
  func paperStyleLayers(of architecture: Architecture) throws -> LayerWeights {
    try Self.layers("--style-layers", styleLayers ?? LayerWeights.paperStyleList, architecture)
  }

  /// The content layers, without an option that of Gatys, Ecker and Bethge (2015).
  func paperContentLayers(of architecture: Architecture) throws -> LayerWeights {
    try Self.layers(
      "--content-layers", contentLayers ?? LayerWeights.paperContentList, architecture)
  }

  private static func layers(_ option: String, _ list: String, _ architecture: Architecture) throws
    -> LayerWeights
  {
    do {
      return try LayerWeights(parsing: list, architecture: architecture)
    } catch {
      throw ValidationError("\(option): \(error)")
    }
  }
}

extension InputConvention.Name: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
