import Engine

/// A layer's output in the engine's memory, valid until the extractor runs again.
package struct FeatureMap {
  /// `[height, width, channels]`.
  package let values: UnsafePointer<Float>
  package let shape: MapShape

  package var tensor: Tensor {
    Tensor(
      shape: [shape.height, shape.width, shape.channels],
      elements: Array(UnsafeBufferPointer(start: values, count: shape.count)))
  }
}
