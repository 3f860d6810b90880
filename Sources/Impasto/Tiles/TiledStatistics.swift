import Engine
import Networks
import Pictures

/// Adds up the statistics of a picture's features tile by tile.
struct TiledStatistics {
  let tiles: FeatureTiles
  let layers: Set<Layer>
  let network: FeatureNetwork
  let workspace: Workspace

  /// The statistics of the used part of a picture.
  ///
  /// - Parameters:
  ///   - picture: `[height, width, 3]`, 0…1.
  ///   - mask: the used part; nil for the whole picture.
  /// - Throws: the errors of `FeatureExtractor`, and `SettingError` for an empty part.
  func statistics(of picture: Tensor, mask: Mask?) throws -> [Layer: FeatureStatistics] {
    let extractor = TiledExtractor(
      tiles, network: network, features: mask == nil ? [] : layers,
      grams: mask == nil ? layers : [], hasGradient: false, workspace: workspace)
    let sums = Dictionary(
      uniqueKeysWithValues: layers.map {
        ($0, StatisticsSum(channels: $0.channels, kernels: workspace.kernels))
      })
    try picture.elements.withUnsafeBufferPointer { image in
      for tile in tiles.tiles {
        let features = try extractor.forward(tile, of: image.baseAddress!)
        for (layer, sum) in sums { add(tile, features, layer, mask, to: sum) }
      }
    }
    return try sums.mapValues { sum in
      guard sum.weight > 0 else { throw StyleTarget.emptyPart }
      sum.finish()
      return FeatureStatistics(sum.matrix)
    }
  }

  private func add(
    _ tile: FeatureTiles.Tile, _ features: FeatureExtractor, _ layer: Layer, _ mask: Mask?,
    to sum: StatisticsSum
  ) {
    guard let mask else {
      let part = tiles.part(of: tile, at: layer, features.shape(layer))
      sum.add(features.gram(layer), weight: Double(part.count))
      return
    }
    guard
      let guide = GuidanceChannel(
        mask: tiles.mask(mask.values, of: tile), stride: layer.stride,
        roundingUp: network.poolingRoundsUp)
    else { return }
    let gram = GramMatrix(channels: layer.channels, kernels: workspace.kernels)
    gram.update(
      features.features(layer).values, positions: features.positions(layer), guide: guide,
      workspace: workspace)
    sum.add(gram, weight: guide.sumOfSquares)
  }
}
