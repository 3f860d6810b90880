import Engine
import Files
import Networks
import Pictures

/// The style of one or several paintings: the statistics of each style layer's features.
///
/// A target does not depend on the photo and can be shared by any number of them.
public struct StyleTarget: Sendable {
  /// The style layers with their weights in the loss.
  public let layers: LayerWeights
  /// The statistics of each layer.
  package let statistics: [Layer: FeatureStatistics]
  /// The color statistics of the used parts of the paintings.
  package let colors: ColorStatistics

  /// Computes the style of one painting.
  ///
  /// - Parameters:
  ///   - painting: `[height, width, 3]`, 0…1.
  ///   - mask: the part of the painting to use, at the painting's size; nil for all of it.
  ///   - layers: the style layers with their weights.
  ///   - threads: the number of threads, at least 1; nil for all available processors.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, `SettingError` for an
  ///   empty mask, and `ModelFileError` if the weights cannot be read.
  public init(
    painting: Tensor, mask: Mask? = nil, layers: LayerWeights, network: FeatureNetwork,
    threads: Int? = nil
  ) throws {
    try self.init(
      painting: painting, mask: mask, layers: layers, network: network,
      workspace: Workspace(kernels: .chosen(), threads: threads))
  }

  /// - Parameter tileSide: the most rows and columns of the tiles in which a larger painting is
  ///   processed; nil for the painting as a whole.
  package init(
    painting: Tensor, mask: Mask? = nil, layers: LayerWeights, network: FeatureNetwork,
    tileSide: Int? = nil, workspace: Workspace
  ) throws {
    self.layers = layers
    colors = ColorStatistics(of: Picture(pixels: painting, alpha: mask?.values))
    let places = Set(layers.shares.map(\.layer))
    let size = PixelSize(width: painting.shape[1], height: painting.shape[0])
    if let tileSide, tileSide < size.longestSide {
      let tiles = FeatureTiles(
        size, side: tileSide, layers: places, of: network)
      statistics = try TiledStatistics(
        tiles: tiles, layers: places, network: network, workspace: workspace
      ).statistics(of: painting, mask: mask)
    } else {
      statistics = try Self.statistics(of: painting, mask, places, network, workspace)
    }
  }

  /// The statistics of a painting as a whole.
  private static func statistics(
    of painting: Tensor, _ mask: Mask?, _ layers: Set<Layer>, _ network: FeatureNetwork,
    _ workspace: Workspace
  ) throws -> [Layer: FeatureStatistics] {
    let extractor = try FeatureExtractor(
      network: network, height: painting.shape[0], width: painting.shape[1],
      features: mask == nil ? [] : layers, grams: mask == nil ? layers : [], hasGradient: false,
      workspace: workspace)
    painting.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    return try Dictionary(
      uniqueKeysWithValues: layers.map { layer in
        guard let mask else { return (layer, FeatureStatistics(extractor.gram(layer))) }
        guard
          let guide = GuidanceChannel(
            mask: mask.values, stride: layer.stride, roundingUp: network.poolingRoundsUp)
        else { throw emptyPart }
        let gram = GramMatrix(channels: layer.channels, kernels: workspace.kernels)
        gram.update(
          extractor.features(layer).values, positions: extractor.positions(layer), guide: guide,
          workspace: workspace)
        return (layer, FeatureStatistics(gram))
      })
  }

  /// The error for a mask that is zero at all positions of a layer.
  static var emptyPart: SettingError {
    SettingError(problem: "the used part of the painting is empty.")
  }

  /// Blends styles: takes the weighted mean of their statistics, and mixes their colors.
  ///
  /// - Precondition: all targets have the same layers.
  /// - Throws: `SettingError` for a negative or infinite weight, and for weights that are all 0.
  public init(blending targets: [(target: StyleTarget, weight: Double)]) throws {
    let sum = targets.reduce(0) { $0 + $1.weight }
    guard sum > 0, sum.isFinite, targets.allSatisfy({ $0.weight >= 0 }) else {
      throw SettingError(
        problem: "the styles' weights must be at least 0, and at least one must be greater than 0.")
    }
    precondition(targets.allSatisfy { $0.target.layers == targets[0].target.layers })
    layers = targets[0].target.layers
    statistics = Dictionary(
      uniqueKeysWithValues: targets[0].target.statistics.keys.map { layer in
        let parts = targets.map { ($0.target.statistics[layer]!, $0.weight / sum) }
        return (layer, FeatureStatistics(mixing: parts))
      })
    colors = ColorStatistics(mixing: targets.map { ($0.target.colors, $0.weight) })
  }
}
