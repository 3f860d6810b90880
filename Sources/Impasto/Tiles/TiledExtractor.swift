import Engine
import Networks
import Pictures

/// Computes the features of a picture tile by tile, in the memory of one tile.
final class TiledExtractor {
  let tiles: FeatureTiles
  private let network: FeatureNetwork
  private let features: Set<Layer>
  private let grams: Set<Layer>
  private let hasGradient: Bool
  private let workspace: Workspace
  /// The extractor for tiles of a size, with what it last ran on.
  private var current: Run?

  private struct Run {
    let size: PixelSize
    let extractor: FeatureExtractor
    /// The part of the picture that the last tile saw, `[rows, columns, 3]`.
    let pixels: FloatBuffer
    /// The tile whose features the extractor holds; nil for none.
    var tile: Int?
  }

  /// - Parameters:
  ///   - features: the layers whose maps will be read.
  ///   - grams: the layers whose Gram matrices are computed.
  init(
    _ tiles: FeatureTiles, network: FeatureNetwork, features: Set<Layer>, grams: Set<Layer>,
    hasGradient: Bool, workspace: Workspace
  ) {
    (self.tiles, self.network, self.features, self.grams) = (tiles, network, features, grams)
    (self.hasGradient, self.workspace) = (hasGradient, workspace)
  }

  /// Computes the features and Gram matrices of a tile. The extractor is valid until the next call.
  ///
  /// - Parameter image: the whole picture, `[height, width, 3]`.
  /// - Throws: the errors of `FeatureExtractor`.
  func forward(
    _ tile: FeatureTiles.Tile, of image: UnsafePointer<Float>, computesGrams: Bool = true
  ) throws -> FeatureExtractor {
    var run = try prepare(tile)
    read(tile, of: image, into: run.pixels)
    run.extractor.computesGrams = computesGrams
    run.extractor.forward(run.pixels.pointer)
    run.tile = tile.index
    current = run
    return run.extractor
  }

  /// The extractor, if it still holds the features of a tile.
  func held(_ tile: FeatureTiles.Tile) -> FeatureExtractor? {
    current.flatMap { $0.tile == tile.index ? $0.extractor : nil }
  }

  /// Computes the gradient with respect to the pixels that a tile sees, after `forward` on it.
  func backward(
    _ losses: [Layer: LocalGradient], into gradient: UnsafeMutablePointer<Float>
  ) {
    current!.extractor.backward(losses, of: current!.pixels.pointer, into: gradient)
    // The backward pass overwrites the features.
    current!.tile = nil
  }

  /// The extractor for a tile, with the tile's own parts of the maps.
  private func prepare(_ tile: FeatureTiles.Tile) throws -> Run {
    let size = tile.seen.size
    if current?.size != size {
      // Only one is in memory at a time.
      current = nil
      current = Run(
        size: size,
        extractor: try FeatureExtractor(
          network: network, height: size.height, width: size.width, features: features,
          grams: grams, hasGradient: hasGradient, workspace: workspace),
        pixels: FloatBuffer(count: size.width * size.height * 3))
    }
    let extractor = current!.extractor
    extractor.parts = Dictionary(
      uniqueKeysWithValues: grams.map {
        ($0, tiles.part(of: tile, at: $0, extractor.shape($0)))
      })
    return current!
  }

  private func read(
    _ tile: FeatureTiles.Tile, of image: UnsafePointer<Float>, into pixels: FloatBuffer
  ) {
    let (rows, columns) = (tile.seen.rows, tile.seen.columns)
    let count = 3 * columns.count
    for (place, row) in rows.enumerated() {
      (pixels.pointer + place * count).update(
        from: image + 3 * (row * tiles.size.width + columns.lowerBound), count: count)
    }
  }
}
