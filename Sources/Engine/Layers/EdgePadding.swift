/// What a convolution reads outside of a map, and how far it reads beyond each edge.
package struct EdgePadding: Sendable, Hashable {
  /// Reflection of a map that is too short goes to its end, as replication does.
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

  /// The same on all edges.
  package init(mode: Padding, all edges: Int) {
    self.init(mode: mode, top: edges, left: edges, bottom: edges, right: edges)
  }

  /// The padding with which a convolution of an odd size and stride 1 keeps the size of a map.
  package static func same(size: Int, mode: Padding) -> EdgePadding {
    EdgePadding(mode: mode, all: size / 2)
  }
}
