import Engine
import Files
import Foundation
import Networks
import Pictures

/// A comparison of a network's activations for a photo and for a uniform color, which reveals
/// wrong preprocessing.
///
/// If input values are too small for a network, its biases dominate the activations, whatever the
/// picture shows; if they are too large, the biases vanish. The check therefore measures the
/// photo's activations relative to those of the biases alone: the activations for the color that
/// preprocessing turns into zero.
public struct ActivationCheck: Sendable {
  /// A layer's activations for the photo.
  public struct Row: Sendable {
    public let layer: Layer
    public let mean: Float
    public let largest: Float
    /// The share of activations above zero.
    public let active: Float
  }

  public let rows: [Row]
  /// The change that the photo makes in the deepest layer, relative to the activations without it,
  /// as a ratio of root mean squares.
  public let strength: Float

  /// The strength of a network with its correct preprocessing.
  public static let usualStrength: ClosedRange<Float> = 0.5...30

  /// Runs a network on a photo and on a uniform color.
  ///
  /// - Parameter photo: any photo; a small one is enough.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError`.
  public init(of network: FeatureNetwork, photo: Picture) throws {
    let layers = network.architecture.layers.filter { $0.kind == .relu && $0.number == 1 }
    let extractor = try FeatureExtractor(
      network: network, height: photo.height, width: photo.width, features: Set(layers),
      hasGradient: false, workspace: Workspace(kernels: .chosen()))
    let mean = network.preprocessing.meanColor
    let flat = (0..<3 * photo.width * photo.height).map { mean[$0 % 3] }
    let biases = Self.activations(of: extractor, for: flat, at: layers)
    let activations = Self.activations(of: extractor, for: photo.pixels.elements, at: layers)
    rows = zip(layers, activations).map { layer, values in
      Row(
        layer: layer, mean: values.reduce(0, +) / Float(values.count),
        largest: values.max() ?? 0,
        active: Float(values.count { $0 > 0 }) / Float(values.count))
    }
    strength = Self.rms(zip(activations.last!, biases.last!).map(-)) / Self.rms(biases.last!)
  }

  /// Whether the preprocessing appears to be correct.
  public var isUsual: Bool { Self.usualStrength.contains(strength) }

  private static func activations(
    of extractor: FeatureExtractor, for picture: [Float], at layers: [Layer]
  ) -> [[Float]] {
    picture.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    return layers.map { extractor.features($0).tensor.elements }
  }

  private static func rms(_ values: [Float]) -> Float {
    let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return Float((sum / Double(max(1, values.count))).squareRoot())
  }
}
