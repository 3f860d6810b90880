/// The shape of a feature map, `[height, width, channels]` in row-major order.
package struct MapShape: Sendable, Hashable {
  package var height: Int
  package var width: Int
  package var channels: Int

  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The number of positions, at each of which every channel has a value.
  package var positions: Int { height * width }
  /// The number of elements.
  package var count: Int { positions * channels }
}
