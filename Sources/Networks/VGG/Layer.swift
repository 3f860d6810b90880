/// A layer of a network whose feature maps can be read.
public struct Layer: Sendable, Hashable, CustomStringConvertible {
  /// The kind of a layer.
  public enum Kind: Sendable, Hashable {
    /// The output of a convolution, before its ReLU.
    case convolution
    /// The output of a convolution's ReLU.
    case relu
    /// The output of a pooling layer.
    case pooling
  }

  /// The kind of the layer.
  public let kind: Kind
  /// The block that contains the layer, from 1.
  public let block: Int
  /// The number of the convolution in its block, from 1; 0 for a pooling layer.
  public let number: Int
  /// The layer's index in the `features` of torchvision's network.
  public let index: Int
  /// The number of feature maps.
  public let channels: Int
  /// The distance between neighboring positions, in pixels of the picture.
  public let stride: Int

  /// The name in the notation of the VGG paper: `relu4_2`, `conv4_2:pre`, `pool4`.
  public var name: String {
    switch kind {
    case .convolution: "conv\(block)_\(number):pre"
    case .relu: "relu\(block)_\(number)"
    case .pooling: "pool\(block)"
    }
  }

  public var description: String { name }
}
