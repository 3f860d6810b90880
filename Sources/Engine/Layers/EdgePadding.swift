/// The padding of a map: its mode, and its width at each edge.
package struct EdgePadding: Sendable, Hashable {
  /// The values outside of the map. In a map too short for reflection, mirrored indices are
  /// clamped.
  package var mode: Padding
  package var top: Int
  package var left: Int
  package var bottom: Int
  package var right: Int

  package init(mode: Padding, top: Int, left: Int, bottom: Int, right: Int) {
    precondition(min(top, left, bottom, right) >= 0)
    self.mode = mode
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// Creates padding of the same width on all edges.
  package init(mode: Padding, all edges: Int) {
    self.init(mode: mode, top: edges, left: edges, bottom: edges, right: edges)
  }

  /// The padding with which a convolution of odd size and stride 1 preserves the size of a map.
  package static func same(size: Int, mode: Padding) -> EdgePadding {
    EdgePadding(mode: mode, all: size / 2)
  }
}
