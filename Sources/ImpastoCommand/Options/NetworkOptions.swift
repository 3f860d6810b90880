import ArgumentParser
import Impasto
import Runs

/// Which weights are used.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network: a name of «impasto models list», or a file of weights (default: \(Model.vgg16HED.name)).",
      valueName: "name|file"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "How the network wants its pictures, for files that do not tell: caffe (blue, green, red, 0…255 less the mean) or torchvision.",
      valueName: "caffe|torchvision"))
  var preprocessing: InputConvention.Name?

  func network(pooling: Pooling = .average, padding: Padding = .zero) throws -> FeatureNetwork {
    var recipe = Recipe()
    apply(to: &recipe)
    recipe.pooling = pooling
    recipe.padding = padding
    return try recipe.network(.options)
  }

  func apply(to recipe: inout Recipe) {
    recipe.model = model
    recipe.preprocessing = preprocessing
  }
}

/// Which network gives the features, and which of them.
struct NetworkOptions: RecipeOptions {
  @OptionGroup var modelOption: ModelOption

  @Option(help: "Average or max pooling (default: avg).")
  var pooling: Pooling?

  @Option(
    help:
      "What the first layer sees around the picture: zero (the mean colour, the default of score), replicate (its outermost pixels, the default elsewhere) or reflect."
  )
  var padding: Padding?

  @Option(
    help:
      "Style layers with weights, such as conv1_1:2,conv3_1; names or numbers as in impasto layers."
  )
  var styleLayers: String?

  @Option(help: "Content layers with weights.")
  var contentLayers: String?

  func apply(to recipe: inout Recipe) {
    modelOption.apply(to: &recipe)
    recipe.pooling = pooling
    recipe.padding = padding
    recipe.styleLayers = styleLayers
    recipe.contentLayers = contentLayers
  }

  /// - Parameter padding: for a command line that does not say.
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
