/// A place in a network at which its feature maps can be read.
public struct Layer: Sendable, Hashable, CustomStringConvertible {
  /// What the feature maps at a place are.
  public enum Kind: Sendable, Hashable {
    /// The output of a convolution, before its ReLU.
    case convolution
    /// The output of a convolution's ReLU.
    case relu
    /// The output of a pooling layer.
    case pooling
  }

  /// What the feature maps are.
  public let kind: Kind
  /// The block that it is in, from 1.
  public let block: Int
  /// Which convolution of the block it belongs to, from 1; 0 for a pooling layer.
  public let number: Int
  /// Its index in the `features` of torchvision's network.
  public let index: Int
  /// The number of feature maps.
  public let channels: Int
  /// How many pixels of the picture lie between two neighbouring positions.
  public let stride: Int

  /// The name in the terms of the VGG paper: `relu4_2`, `conv4_2:pre`, `pool4`.
  public var name: String {
    switch kind {
    case .convolution: "conv\(block)_\(number):pre"
    case .relu: "relu\(block)_\(number)"
    case .pooling: "pool\(block)"
    }
  }

  public var description: String { name }
}
