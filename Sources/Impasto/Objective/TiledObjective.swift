import Engine
import Networks
import Pictures

/// An objective that is computed tile by tile, for pictures whose feature maps do not fit in memory.
///
/// Losses and gradients are those of `Objective`, but for rounding. A first pass over all tiles adds up
/// content loss and statistics, and keeps nothing. A second pass computes the features again and
/// propagates the gradients of the losses, which need the statistics of the whole picture. Each loss
/// counts the features of a tile's own part only; the gradients of neighboring tiles overlap, and are
/// added.
package final class TiledObjective {
  package var sum: LossSum
  package let contentEnergy: Double
  private let extractor: TiledExtractor
  private let network: FeatureNetwork
  private let content: [ContentTerm]
  private let style: [TiledStyleTerm]
  private let workspace: Workspace
  private let arithmetic: VectorArithmetic
  /// The gradient with respect to the pixels that a tile sees.
  private let tileGradient: FloatBuffer

  private var tiles: FeatureTiles { extractor.tiles }

  /// A content layer's loss in each tile, with its scale, and the layer's factor in the content loss.
  private struct ContentTerm {
    let layer: Layer
    /// The losses by tile; nil where nothing of a tile is visible.
    let losses: [ContentLoss?]
    /// The loss of features that are all zero.
    let energy: Double
    let scale: Double
    let factor: Double
  }

  /// A style's loss at a layer, with the region's mask; nil for the whole picture.
  private struct TiledStyleTerm {
    let term: StyleTerm
    let mask: Tensor?
    let statistics: StatisticsSum
  }

  /// Prepares the objective for a photo and its styles. Terms with weight 0 are skipped.
  ///
  /// - Parameters:
  ///   - photo: `[height, width, 3]`, 0…1; the pictures to evaluate have the same size.
  ///   - visible: the part of the photo that content and style are compared in, at the photo's
  ///     size; nil for all of it.
  ///   - side: the most rows and columns that a tile sees.
  ///   - storage: the place of the photo's features.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError` if the
  ///   weights cannot be read.
  package init(
    photo: Tensor, visible: Mask?, contentLayers: LayerWeights, style: [StyleRegion],
    weights: Objective.Weights, styleLoss: StyleLoss, normalization: Normalization,
    network: FeatureNetwork, side: Int, storage: FloatBuffer.Storage = .memory,
    workspace: Workspace
  ) throws {
    let size = PixelSize(width: photo.shape[1], height: photo.shape[0])
    sum = LossSum(weights: weights, normalization: normalization, size: size)
    (self.network, self.workspace) = (network, workspace)
    arithmetic = VectorArithmetic(workspace: workspace)
    let regions = weights.style > 0 ? style : []
    let contentShares = weights.content > 0 || regions.isEmpty ? contentLayers.shares : []
    let styleLayers = Set(regions.flatMap { $0.target.layers.shares.map(\.layer) })
    let isGuided = visible != nil || regions.count > 1 || regions.contains { $0.mask != nil }
    let contentPlaces = Set(contentShares.map(\.layer))
    let tiles = FeatureTiles(
      size, side: side, layers: contentPlaces.union(styleLayers), of: network)
    extractor = TiledExtractor(
      tiles, network: network, features: contentPlaces.union(isGuided ? styleLayers : []),
      grams: isGuided ? [] : styleLayers, hasGradient: true, workspace: workspace)
    tileGradient = FloatBuffer(count: 3 * tiles.largest.pixels)
    content = try Self.contentTerms(
      contentShares, of: photo, visible: visible?.values, storage, extractor, network,
      contentLayers,
      normalization, arithmetic)
    let whole =
      isGuided
      ? visible?.values ?? Tensor(shape: [size.height, size.width], repeating: 1) : nil
    self.style = regions.flatMap { region in
      Self.styleTerms(
        region, mask: region.mask?.intersection(visible).values ?? whole, tiles, network,
        normalization, styleLoss, workspace)
    }
    contentEnergy = content.reduce(0) {
      $0 + weights.content * $1.factor * $1.scale * $1.energy
    }
  }

  /// Computes the photo's features in every tile.
  private static func contentTerms(
    _ shares: [LayerWeights.Share], of photo: Tensor, visible: Tensor?,
    _ storage: FloatBuffer.Storage, _ extractor: TiledExtractor, _ network: FeatureNetwork,
    _ layers: LayerWeights, _ normalization: Normalization, _ arithmetic: VectorArithmetic
  ) throws -> [ContentTerm] {
    let tiles = extractor.tiles
    var losses: [Layer: [ContentLoss?]] = [:]
    try photo.elements.withUnsafeBufferPointer { image in
      for tile in tiles.tiles {
        let features = try extractor.forward(tile, of: image.baseAddress!, computesGrams: false)
        for share in shares {
          let layer = share.layer
          let guide = visible.flatMap { Self.guide($0, layer, tile, tiles, network) }
          losses[layer, default: []].append(
            visible != nil && guide == nil
              ? nil
              : ContentLoss(
                layer: layer, target: features.features(layer), guide: guide,
                part: tiles.part(of: tile, at: layer, features.shape(layer)), storage: storage))
        }
      }
    }
    return shares.map { share in
      let all = losses[share.layer]!
      let energy = all.reduce(0) { $0 + ($1?.energy(arithmetic) ?? 0) }
      for loss in all { loss?.release() }
      let shape = mapSize(of: tiles.size, at: share.layer, network)
      let scale = normalization.scale(
        of: .content(
          positions: shape.width * shape.height, channels: share.layer.channels, energy: energy))
      return ContentTerm(
        layer: share.layer, losses: all, energy: energy, scale: scale,
        factor: normalization.factor(of: share, in: layers))
    }
  }

  /// The terms of a region at its layers, except those where its mask is empty.
  private static func styleTerms(
    _ region: StyleRegion, mask: Tensor?, _ tiles: FeatureTiles, _ network: FeatureNetwork,
    _ normalization: Normalization, _ kind: StyleLoss, _ workspace: Workspace
  ) -> [TiledStyleTerm] {
    region.target.layers.shares.compactMap { share in
      var coverage = 1.0
      if let mask {
        let squares = tiles.tiles.reduce(0) {
          $0 + (guide(mask, share.layer, $1, tiles, network)?.sumOfSquares ?? 0)
        }
        guard squares > 0 else { return nil }
        let map = mapSize(of: tiles.size, at: share.layer, network)
        coverage = squares / Double(map.width * map.height)
      }
      return TiledStyleTerm(
        term: StyleTerm(share, of: region, coverage: coverage, kind, normalization, workspace),
        mask: mask,
        statistics: StatisticsSum(channels: share.layer.channels, kernels: workspace.kernels))
    }
  }

  /// The size of the whole picture's map of a layer.
  private static func mapSize(of size: PixelSize, at layer: Layer, _ network: FeatureNetwork)
    -> PixelSize
  {
    let more = network.poolingRoundsUp ? layer.stride - 1 : 0
    return PixelSize(
      width: (size.width + more) / layer.stride, height: (size.height + more) / layer.stride)
  }

  /// A mask at a tile's positions of a layer, zero outside of the tile's own part; nil if it is zero
  /// everywhere.
  private static func guide(
    _ mask: Tensor, _ layer: Layer, _ tile: FeatureTiles.Tile, _ tiles: FeatureTiles,
    _ network: FeatureNetwork
  ) -> GuidanceChannel? {
    GuidanceChannel(
      mask: tiles.mask(mask, of: tile), stride: layer.stride, roundingUp: network.poolingRoundsUp)
  }

  private func guide(_ mask: Tensor, _ layer: Layer, _ tile: FeatureTiles.Tile) -> GuidanceChannel?
  {
    Self.guide(mask, layer, tile, tiles, network)
  }

  // MARK: First pass

  /// Computes the losses of a picture.
  ///
  /// - Parameter image: `[height, width, 3]`.
  package func losses(_ image: UnsafePointer<Float>) throws -> Losses {
    for term in style { term.statistics.reset() }
    var values = content.map { _ in 0.0 }
    for tile in tiles.tiles {
      let features = try extractor.forward(tile, of: image)
      for index in content.indices where sum.weights.content > 0 {
        let (term, layer) = (content[index], content[index].layer)
        guard let loss = term.losses[tile.index] else { continue }
        values[index] += term.scale * loss.value(features.features(layer), arithmetic)
        loss.release()
      }
      for term in style { add(tile, features, to: term) }
    }
    for term in style { term.statistics.finish() }
    return sum.losses(
      content: sum.weights.content > 0
        ? zip(content, values).map { ($0.layer, $1, $0.factor) } : [],
      style: style.map {
        ($0.term.layer, $0.term.value($0.statistics.matrix, workspace), $0.term.factor)
      }, of: image, arithmetic)
  }

  /// Adds a tile's statistics to those of a term.
  private func add(
    _ tile: FeatureTiles.Tile, _ features: FeatureExtractor, to term: TiledStyleTerm
  ) {
    let layer = term.term.layer
    guard let mask = term.mask else {
      let part = tiles.part(of: tile, at: layer, features.shape(layer))
      term.statistics.add(features.gram(layer), weight: Double(part.count))
      return
    }
    guard let guide = guide(mask, layer, tile) else { return }
    let gram = GramMatrix(channels: layer.channels, kernels: workspace.kernels)
    gram.update(
      features.features(layer).values, positions: features.positions(layer), guide: guide,
      workspace: workspace)
    term.statistics.add(gram, weight: guide.sumOfSquares)
  }

  // MARK: Second pass

  /// Computes the gradient of `minimized`, after `losses` of the same picture.
  private func differentiate(
    _ losses: Losses, _ image: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) throws {
    let slope = sum.styleSlope(losses)
    let statistics = style.map {
      $0.term.gradient(
        $0.statistics.matrix, divisor: $0.statistics.weight, slope: slope, workspace)
    }
    let row = 3 * tiles.size.width
    workspace.parallelRanges(tiles.size.height, length: 16) { rows in
      (gradient + rows.lowerBound * row).update(repeating: 0, count: rows.count * row)
    }
    // The first pass ended with the last tile, whose features are still there.
    for tile in tiles.tiles.reversed() {
      let features =
        try extractor.held(tile) ?? extractor.forward(tile, of: image, computesGrams: false)
      extractor.backward(
        gradients(tile, features, statistics), into: tileGradient.pointer)
      for term in content { term.losses[tile.index]?.release() }
      add(tile, to: gradient)
    }
    sum.addPixelGradient(of: image, to: gradient, workspace)
  }

  /// The gradients of the losses with respect to a tile's maps.
  private func gradients(
    _ tile: FeatureTiles.Tile, _ features: FeatureExtractor,
    _ statistics: [LocalGradient.Statistics]
  ) -> [Layer: LocalGradient] {
    var gradients: [Layer: LocalGradient] = [:]
    for term in content {
      gradients[term.layer] = term.losses[tile.index]?.gradient(
        scale: Float(sum.weights.content * term.factor * term.scale))
    }
    for (term, statistics) in zip(style, statistics) {
      let layer = term.term.layer
      let part = tiles.part(of: tile, at: layer, features.shape(layer))
      if let mask = term.mask {
        guard let guide = guide(mask, layer, tile) else { continue }
        gradients[layer, default: LocalGradient(part: part)].regions.append((statistics, guide))
      } else {
        gradients[layer, default: LocalGradient(part: part)].statistics = statistics
      }
    }
    return gradients
  }

  /// Adds the gradient with respect to what a tile sees to that of the picture.
  private func add(_ tile: FeatureTiles.Tile, to gradient: UnsafeMutablePointer<Float>) {
    let (rows, columns) = (tile.seen.rows, tile.seen.columns)
    let (count, width) = (3 * columns.count, 3 * tiles.size.width)
    let from = tileGradient.pointer
    workspace.parallelRanges(rows.count, length: 16) { range in
      for row in range {
        let source = from + row * count
        let target = gradient + (rows.lowerBound + row) * width + 3 * columns.lowerBound
        for i in 0..<count { target[i] += source[i] }
      }
    }
  }
}

extension TiledObjective: PictureObjective {
  package func evaluate(
    _ image: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, isPhoto: Bool
  ) throws -> Losses {
    let losses = try losses(image)
    try differentiate(losses, image, into: gradient)
    return losses
  }
}
