import ArgumentParser
import Impasto
import Runs

/// The weights of the network.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network: a name from impasto models list, or a file of weights (default: \(Recipe.defaultText(of: "model"))).",
      valueName: "name|file"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The preprocessing, if it cannot be detected from the file: caffe (blue, green, red, 0…255 less the mean) or torchvision.",
      valueName: "caffe|torchvision"))
  var preprocessing: InputConvention.Name?

  func network(pooling: Pooling = .average, padding: Padding = .zero) throws -> FeatureNetwork {
    var recipe = Recipe()
    apply(to: &recipe)
    recipe.pooling = pooling
    recipe.padding = padding
    return try recipe.network()
  }

  func apply(to recipe: inout Recipe) {
    recipe.model = model
    recipe.preprocessing = preprocessing
  }
}

/// The network and its layers.
struct NetworkOptions: RecipeOptions {
  @OptionGroup var modelOption: ModelOption

  @Option(help: "Average or max pooling (default: \(Recipe.defaultText(of: "pooling"))).")
  var pooling: Pooling?

  @Option(
    help:
      "The padding of the first layer: replicate (the outermost pixels), zero (the mean color) or reflect (default: \(Recipe.defaultText(of: "padding")); score: zero)."
  )
  var padding: Padding?

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
    recipe.styleLayers = styleLayers
    recipe.contentLayers = contentLayers
  }

  /// Opens the network.
  ///
  /// - Parameter padding: the padding without an option.
  func network(padding standard: Padding) throws -> FeatureNetwork {
    try modelOption.network(pooling: pooling ?? .average, padding: padding ?? standard)
  }

  /// The style layers for a network.
  func styleLayers(of architecture: Architecture) throws -> LayerWeights {
    try Self.layers("--style-layers", styleLayers, architecture) ?? .defaultStyle(of: architecture)
  }

  /// The content layers for a network.
  func contentLayers(of architecture: Architecture) throws -> LayerWeights {
    try Self.layers("--content-layers", contentLayers, architecture)
      ?? .defaultContent(of: architecture)
  }

  private static func layers(_ option: String, _ list: String?, _ architecture: Architecture) throws
    -> LayerWeights?
  {
    do {
      return try list.map { try LayerWeights(parsing: $0, architecture: architecture) }
    } catch {
      throw ValidationError("\(option): \(error)")
    }
  }
}

extension InputConvention.Name: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
