/// A layer's convolution in both directions, with its bias.
package struct ConvolutionLayer: Sendable {
  package let forward: PackedConvolution
  /// Nil where no gradient is wanted.
  package let backward: PackedConvolution?
  /// One value a channel.
  package let bias: FloatBuffer

  package init(forward: PackedConvolution, backward: PackedConvolution?, bias: FloatBuffer) {
    self.forward = forward
    self.backward = backward
    self.bias = bias
  }

  /// Whether a pooling layer after it can be a part of it.
  package var canPool: Bool { forward.canPool && backward?.canPool != false }
}
