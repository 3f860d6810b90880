/// The size of a feature map, whose elements lie as `[height, width, channels]`.
package struct MapShape: Sendable, Hashable {
  package var height: Int
  package var width: Int
  package var channels: Int

  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The number of places at which each channel has a value.
  package var positions: Int { height * width }
  /// The number of elements.
  package var count: Int { positions * channels }
}
