import Engine
import Networks
import Pictures

/// The tiles of a picture whose features are computed part by part.
///
/// Each tile sees so much around its own part that the features there are those of the whole picture.
/// Own parts begin at multiples of the deepest layer's stride, so that the positions of every layer
/// belong to one tile. Where the picture's size allows, tiles also begin where the convolutions'
/// roundings repeat.
struct FeatureTiles: Sendable {
  /// A tile: its own part, and the part of the picture that the network sees.
  struct Tile: Sendable {
    let index: Int
    let own: Rectangle
    let seen: Rectangle
  }

  let size: PixelSize
  private let rows: [TileDistances.Span]
  private let columns: [TileDistances.Span]

  /// Divides a picture.
  ///
  /// - Parameters:
  ///   - side: the most rows and columns that a tile sees, except that the last ones may see up to a
  ///     stride more; at least `leastSide`. A picture that is smaller has one tile.
  ///   - layers: the layers whose features are needed.
  init(_ size: PixelSize, side: Int, layers: some Collection<Layer>, of network: FeatureNetwork) {
    self.size = size
    let grid = TileDistances(layers, of: network)
    columns = grid.spans(size.width, side: side)
    rows = grid.spans(size.height, side: side)
  }

  /// The tiles, row by row.
  var tiles: [Tile] {
    rows.enumerated().flatMap { y, row in
      columns.enumerated().map { x, column in
        Tile(
          index: y * columns.count + x,
          own: Rectangle(rows: row.own, columns: column.own),
          seen: Rectangle(rows: row.seen, columns: column.seen))
      }
    }
  }

  /// The number of tiles.
  var count: Int { rows.count * columns.count }

  /// The largest size that a tile sees.
  var largest: PixelSize {
    PixelSize(width: columns.map(\.seen.count).max()!, height: rows.map(\.seen.count).max()!)
  }

  /// The number of pixels that the tiles see together.
  var seenPixels: Int {
    columns.reduce(0) { $0 + $1.seen.count } * rows.reduce(0) { $0 + $1.seen.count }
  }

  /// The least side of tiles.
  static func leastSide(_ layers: some Collection<Layer>, of network: FeatureNetwork) -> Int {
    let grid = TileDistances(layers, of: network)
    return 2 * grid.halo + grid.alignment
  }

  /// The tile's own part of a layer's map of what it sees.
  func part(of tile: Tile, at layer: Layer, _ shape: MapShape) -> MapPart {
    func range(_ own: Range<Int>, _ seen: Range<Int>, _ count: Int, _ length: Int) -> Range<Int> {
      let start = (own.lowerBound - seen.lowerBound) / layer.stride
      // Positions at the edge may stand for fewer pixels.
      return
        start..<(own.upperBound == length
        ? count : (own.upperBound - seen.lowerBound) / layer.stride)
    }
    return MapPart(
      rows: range(tile.own.rows, tile.seen.rows, shape.height, size.height),
      columns: range(tile.own.columns, tile.seen.columns, shape.width, size.width),
      rowLength: shape.width)
  }

  /// The part of a mask that a tile sees, with zeros outside of the tile's own part.
  func mask(_ mask: Tensor, of tile: Tile) -> Tensor {
    let (seen, own) = (tile.seen, tile.own)
    var values = [Float](repeating: 0, count: seen.rows.count * seen.columns.count)
    for row in own.rows {
      let from = row * size.width + own.columns.lowerBound
      let to =
        (row - seen.rows.lowerBound) * seen.columns.count + own.columns.lowerBound
        - seen.columns.lowerBound
      values.replaceSubrange(
        to..<to + own.columns.count, with: mask.elements[from..<from + own.columns.count])
    }
    return Tensor(shape: [seen.rows.count, seen.columns.count], elements: values)
  }
}

/// The distances that tiles keep.
struct TileDistances {
  /// The pixels beyond a tile's own part that its features depend on, a multiple of the stride.
  let halo: Int
  /// The stride of the deepest layer.
  let stride: Int
  /// The distance at which the convolutions' roundings repeat, a multiple of the stride.
  let alignment: Int

  init(_ layers: some Collection<Layer>, of network: FeatureNetwork) {
    stride = layers.map(\.stride).max()!
    let reach = layers.map { network.architecture.reach(of: $0) }.max()!
    halo = (reach + stride - 1) / stride * stride
    let alignment = network.alignment(for: layers)
    // A pooling layer has a larger stride than the convolutions before it.
    self.alignment = alignment % stride == 0 ? alignment : alignment * stride
  }

  struct Span {
    let own: Range<Int>
    let seen: Range<Int>
  }

  /// Divides a length into spans of nearly the same size.
  ///
  /// All spans see the same length, so that they share an extractor. The last one sees more if the
  /// length is no multiple of the stride.
  func spans(_ length: Int, side: Int) -> [Span] {
    guard length > side else { return [Span(own: 0..<length, seen: 0..<length)] }
    let most = (side - 2 * halo) / alignment * alignment
    precondition(most > 0, "The tiles are too small for the layers.")
    let count = (length - 2 * halo + most - 1) / most
    let fair = (length - 2 * halo + count - 1) / count
    let step = min(most, (fair + alignment - 1) / alignment * alignment)
    let seen = step + 2 * halo
    let last = (length - seen) / stride * stride
    let starts = (0..<count).map { $0 * step }.prefix { $0 < last } + [last]
    return starts.indices.map { index in
      let start = starts[index]
      let own = index == 0 ? 0 : start + halo
      let isLast = index == starts.count - 1
      return Span(
        own: own..<(isLast ? length : starts[index + 1] + halo),
        seen: start..<(isLast ? length : start + seen))
    }
  }
}
