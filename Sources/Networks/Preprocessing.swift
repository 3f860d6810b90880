/// What a network expects of a picture's values: `scale * value - mean`, a channel
/// at a time, with value in 0…1 and channels in the order red, green, blue.
public struct Preprocessing: Sendable, Hashable {
  /// What values 0…1 are multiplied by.
  public let scale: Float
  /// What is then subtracted: red, green, blue.
  public let mean: SIMD3<Float>

  /// Values 0…255 less the mean colour of ImageNet, as the VGG networks were trained.
  public static let caffe = Preprocessing(scale: 255, mean: [123.68, 116.779, 103.939])

  /// The colour, 0…1, that becomes zero.
  public var meanColor: SIMD3<Float> { mean / scale }
}
