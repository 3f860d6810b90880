/// What a network expects of a picture's values: `scale * value - offset`, a channel
/// at a time, with value in 0…1 and channels in the order red, green, blue.
public struct Preprocessing: Sendable, Hashable {
  /// What values 0…1 are multiplied by: red, green, blue.
  public let scale: SIMD3<Float>
  /// What is then subtracted: red, green, blue.
  public let offset: SIMD3<Float>

  /// Values 0…255 less the mean colour of ImageNet, as the VGG networks were trained
  /// (Simonyan and Zisserman 2014).
  public static let caffe = Preprocessing(
    scale: SIMD3(repeating: 255), offset: [123.68, 116.779, 103.939])
  /// Values 0…1 less ImageNet's mean and divided by its standard deviation, as torchvision's
  /// networks were trained.
  public static let torchvision = Preprocessing(
    scale: 1 / deviation, offset: SIMD3(0.485, 0.456, 0.406) / deviation)

  private static let deviation = SIMD3<Float>(0.229, 0.224, 0.225)

  /// The colour, 0…1, that becomes zero.
  public var meanColor: SIMD3<Float> { offset / scale }
}
