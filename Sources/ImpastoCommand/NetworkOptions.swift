import ArgumentParser
import Foundation
import Impasto

/// Which weights are used.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network: a name, or a safetensors file of weights.", valueName: "name|file"))
  var model = Model.vgg16HED.name

  func network(pooling: Pooling, padding: Padding) throws -> FeatureNetwork {
    if let model = try? Model.named(model) {
      return try FeatureNetwork(model: model, pooling: pooling, padding: padding)
    }
    guard FileManager.default.fileExists(atPath: model) else {
      throw ValidationError("--model: \(NetworkError.unknownModel(model))")
    }
    return try FeatureNetwork(path: model, pooling: pooling, padding: padding)
  }
}

/// Which network gives the features, and which of them.
struct NetworkOptions: ParsableArguments {
  @OptionGroup var modelOption: ModelOption

  @Option(help: "Average or max pooling.")
  var pooling: Pooling = .average

  @Option(
    help:
      "What the first layer sees around the picture: zero (the mean colour, the default of score), replicate (its outermost pixels, the default of transfer) or reflect."
  )
  var padding: Padding?

  @Option(
    help:
      "Style layers with weights, such as conv1_1:2,conv3_1; names or numbers as in impasto layers."
  )
  var styleLayers: String?

  @Option(help: "Content layers with weights.")
  var contentLayers: String?

  var model: String { modelOption.model }

  /// - Parameter padding: for a command line that does not say.
  func network(padding standard: Padding) throws -> FeatureNetwork {
    try modelOption.network(pooling: pooling, padding: padding ?? standard)
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

extension Padding: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
