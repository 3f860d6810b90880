/// The conversion of a picture's values to a network's input: `scale * value - offset`, with
/// values in 0…1.
///
/// Each channel has its own scale and offset, in the order red, green, blue.
public struct Preprocessing: Sendable, Hashable {
  /// The factors of values 0…1: red, green, blue.
  public let scale: SIMD3<Float>
  /// The numbers that are subtracted after scaling: red, green, blue.
  public let offset: SIMD3<Float>

  /// Values 0…255 minus the mean color of ImageNet, with which the VGG networks were trained
  /// (Simonyan and Zisserman 2014).
  public static let caffe = Preprocessing(
    scale: SIMD3(repeating: 255), offset: [123.68, 116.779, 103.939])
  /// Values 0…1 minus ImageNet's mean, divided by its standard deviation, with which
  /// torchvision's networks were trained.
  public static let torchvision = Preprocessing(
    scale: 1 / deviation, offset: SIMD3(0.485, 0.456, 0.406) / deviation)

  private static let deviation = SIMD3<Float>(0.229, 0.224, 0.225)

  /// The color, 0…1, that becomes zero.
  public var meanColor: SIMD3<Float> { offset / scale }
}
