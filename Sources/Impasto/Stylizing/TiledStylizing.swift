import Engine
import Networks
import Pictures

/// A network that repaints a picture tile by tile, with the statistics of the whole picture.
///
/// Instance norms depend on all positions of a map. So each norm's statistics are added up in a pass of
/// its own over all tiles, with the statistics of the norms before it known. The last pass computes the
/// result. Nothing but the tile's maps is kept, so each pass begins with the picture.
struct TiledStylizing {
  let network: StylizerNetwork
  let precision: Precision
  let rows: RowSelection
  /// The style vector, if norms are predicted.
  let style: FloatBuffer?
  let tiles: StylizerTiles
  let workspace: Workspace

  /// Repaints a picture.
  ///
  /// - Parameters:
  ///   - photo: the picture.
  ///   - progress: receives the part of the work that is done.
  ///   - write: receives each tile and the network's map of what the tile sees.
  func run(
    _ photo: PackedPicture, progress: (Double) -> Void,
    write: (StylizerTiles.Tile, UnsafePointer<Float>, MapShape) -> Void
  ) throws {
    let transformer = ResidualTransformer(
      network.transformer, height: photo.size.height, width: photo.size.width)
    let graph = transformer.graph
    let norms = graph.values.filter { graph[$0].operation is InstanceNorm }
    let parameters = network.parameters(of: graph, precision: precision)
    var statistics: [Graph.Value: NormStatistics] = [:]
    for (index, norm) in norms.enumerated() {
      let feature = graph[norm].inputs[0]
      var sums = NormStatistics(channels: (graph[norm].operation as! InstanceNorm).channels)
      try forEachTile(transformer, feature, parameters, statistics, photo) {
        tile, map, shape in
        let part = tiles.part(of: tile, in: shape)
        sums.add(
          map, shape, rows: part.rows, columns: part.columns, kernels: workspace.kernels)
      }
      statistics[norm] = sums
      progress(Double(index + 1) / Double(norms.count + 1))
    }
    try forEachTile(transformer, transformer.output, parameters, statistics, photo, write)
    progress(1)
  }

  /// Computes a value of the graph for each tile.
  private func forEachTile(
    _ transformer: ResidualTransformer, _ value: Graph.Value, _ parameters: ParameterVector,
    _ statistics: [Graph.Value: NormStatistics], _ photo: PackedPicture,
    _ body: (StylizerTiles.Tile, UnsafePointer<Float>, MapShape) -> Void
  ) throws {
    // Tiles of one size share the memory and the packed weights.
    let sizes = Dictionary(grouping: tiles.tiles) { $0.seen.size }
    for (seen, tiles) in sizes.sorted(by: { $0.value[0].seen < $1.value[0].seen }) {
      var inputs = [
        transformer.input: MapShape(height: seen.height, width: seen.width, channels: 3)
      ]
      if let value = transformer.style, let style {
        inputs[value] = MapShape(height: 1, width: 1, channels: style.count)
      }
      let plan = try Plan(
        transformer.graph, inputs: inputs, features: [value], kernels: workspace.kernels)
      let executor = CPUExecutor(plan, parameters: parameters, workspace: workspace)
      executor.rows = rows
      executor.statistics = statistics
      let picture = FloatBuffer(count: 3 * seen.width * seen.height)
      for tile in tiles {
        let white = network.transformer.output.white
        photo.read(tile.seen, into: picture, white: white)
        if let style {
          executor.forward(picture.pointer, style.pointer)
        } else {
          executor.forward(picture.pointer)
        }
        body(tile, executor.map(value), executor.shape(of: value))
      }
    }
  }
}

extension PackedPicture {
  /// Reads a part of the picture for a network.
  ///
  /// - Parameters:
  ///   - values: takes `[rows, columns, 3]`.
  ///   - white: the network's value of white.
  func read(_ part: Rectangle, into values: FloatBuffer, white: Float) {
    let width = 3 * part.columns.count
    for (place, row) in part.rows.enumerated() {
      let target = values.pointer + place * width
      read(row: row, columns: part.columns, into: target)
      for index in 0..<width { target[index] *= white }
    }
  }
}
