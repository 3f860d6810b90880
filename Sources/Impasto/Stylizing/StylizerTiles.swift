import Engine
import Networks
import Pictures

/// The tiles of a picture, each with a halo that makes its own part independent of its edges.
///
/// Tiles begin at multiples of the network's stride, so that their maps are parts of the whole
/// picture's maps.
struct StylizerTiles {
  /// A tile: its own part, and the part of the picture that the network sees.
  struct Tile {
    let own: Rectangle
    let seen: Rectangle
  }

  let tiles: [Tile]
  private let size: PixelSize

  /// The product of the strides of the network's convolutions.
  private static let stride = 4

  /// - Parameters:
  ///   - side: the most rows and columns of a tile with its halo.
  ///   - blocks: the number of residual blocks, which sets the halo.
  init(_ size: PixelSize, side: Int, blocks: Int) {
    self.size = size
    let halo = Self.halo(blocks: blocks)
    let own = max(Self.stride, (side - 2 * halo) / Self.stride * Self.stride)
    func ranges(_ length: Int) -> [(own: Range<Int>, seen: Range<Int>)] {
      let count = (length + own - 1) / own
      let step = ((length + count - 1) / count + Self.stride - 1) / Self.stride * Self.stride
      return Swift.stride(from: 0, to: length, by: step).map { start in
        let end = min(length, start + step)
        return (start..<end, max(0, start - halo)..<min(length, end + halo))
      }
    }
    let columns = ranges(size.width)
    tiles = ranges(size.height).flatMap { rows in
      columns.map { columns in
        Tile(
          own: Rectangle(rows: rows.own, columns: columns.own),
          seen: Rectangle(rows: rows.seen, columns: columns.seen))
      }
    }
  }

  /// The reach of all convolutions in pixels, rounded up to a multiple of the stride: two of 9x9,
  /// those of 3x3 at strides 1 and 2, and those of the residual blocks and of the first expansion at
  /// stride 4.
  static func halo(blocks: Int) -> Int {
    let reach = 2 * 4 + 2 * (1 + 2) + 4 * (2 * blocks + 1)
    return (reach + stride - 1) / stride * stride + stride
  }

  /// The tile's own part of a map of what it sees.
  func part(of tile: Tile, in shape: MapShape) -> Rectangle {
    func range(_ own: Range<Int>, _ seen: Range<Int>, _ length: Int, _ whole: Int) -> Range<Int> {
      let scale = max(1, Int((Double(seen.count) / Double(length)).rounded()))
      let start = (own.lowerBound - seen.lowerBound) / scale
      // Maps may extend beyond the picture, to a multiple of the stride.
      return start..<(own.upperBound == whole ? length : (own.upperBound - seen.lowerBound) / scale)
    }
    return Rectangle(
      rows: range(tile.own.rows, tile.seen.rows, shape.height, size.height),
      columns: range(tile.own.columns, tile.seen.columns, shape.width, size.width))
  }
}
