import Engine
import Files
import Foundation
import Networks
import Pictures

/// What a network answers to a photo and to a picture of one colour, by which wrong
/// preprocessing gives itself away.
///
/// Values that are too small for a network leave little but its biases, whatever the picture
/// shows; values that are too large drown the biases. So the answer's strength is measured in
/// what the biases alone give: the answer to the colour that becomes zero.
public struct ActivationCheck: Sendable {
  /// A layer's answer to the photo.
  public struct Row: Sendable {
    public let layer: Layer
    public let mean: Float
    public let largest: Float
    /// The share of values above zero.
    public let active: Float
  }

  public let rows: [Row]
  /// How much larger what the photo changes in the deepest layer is than what is there without
  /// it, as root mean squares.
  public let strength: Float

  /// Between these a network answers to its pictures as it was trained to.
  public static let usualStrength: ClosedRange<Float> = 0.5...30

  /// - Parameter photo: any photo; a small one is enough.
  /// - Throws: `NetworkError.pictureTooSmall`, and `ModelFileError`.
  public init(of network: FeatureNetwork, photo: Picture) throws {
    let layers = network.architecture.layers.filter { $0.kind == .relu && $0.number == 1 }
    let extractor = try FeatureExtractor(
      network: network, height: photo.height, width: photo.width, features: Set(layers),
      hasGradient: false, workspace: Workspace(kernels: .chosen()))
    let mean = network.preprocessing.meanColor
    let flat = (0..<3 * photo.width * photo.height).map { mean[$0 % 3] }
    let biases = Self.answers(of: extractor, to: flat, at: layers)
    let answers = Self.answers(of: extractor, to: photo.pixels.elements, at: layers)
    rows = zip(layers, answers).map { layer, values in
      Row(
        layer: layer, mean: values.reduce(0, +) / Float(values.count),
        largest: values.max() ?? 0,
        active: Float(values.count { $0 > 0 }) / Float(values.count))
    }
    strength = Self.rms(zip(answers.last!, biases.last!).map(-)) / Self.rms(biases.last!)
  }

  /// Whether the network seems to get what it expects.
  public var isUsual: Bool { Self.usualStrength.contains(strength) }

  private static func answers(
    of extractor: FeatureExtractor, to picture: [Float], at layers: [Layer]
  ) -> [[Float]] {
    picture.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    return layers.map { extractor.features($0).tensor.elements }
  }

  private static func rms(_ values: [Float]) -> Float {
    let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return Float((sum / Double(max(1, values.count))).squareRoot())
  }
}
