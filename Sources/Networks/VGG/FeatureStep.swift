import Engine

/// One step of an extractor: what is computed at once, from one map to the next.
struct FeatureStep {
  /// The layer whose output the step's map is.
  let layer: Layer
  /// The shape of the map.
  let shape: MapShape
  let operation: Operation
  /// The tap before a convolution's ReLU, if it is used.
  let preactivation: Layer?
  /// Whether the gradient with respect to the map takes the map's place, because the map
  /// itself is needed until then.
  let isInPlace: Bool

  enum Operation {
    /// conv1_1 to pool1.
    case firstBlock(FirstBlock, SignBits)
    /// A convolution with its ReLU. The signs are there where the map is not kept for
    /// the way back.
    case convolution(ConvolutionLayer, SignBits?)
    /// A convolution with its ReLU and the pooling layer after it.
    case pooledConvolution(ConvolutionLayer, SignBits)
    case pooling
  }
}
