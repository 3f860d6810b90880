/// The packed convolutions of a layer in both directions, and its bias.
package struct ConvolutionLayer: Sendable {
  package let forward: PackedConvolution
  /// The backward pass; nil if no gradient is needed.
  package let backward: PackedConvolution?
  /// The bias of each channel.
  package let bias: FloatBuffer

  package init(forward: PackedConvolution, backward: PackedConvolution?, bias: FloatBuffer) {
    self.forward = forward
    self.backward = backward
    self.bias = bias
  }

  /// Whether a pooling layer can be fused into the convolution.
  package var canPool: Bool { forward.canPool && backward?.canPool != false }
}
