import Engine
import Files
import Networks
import Pictures

/// The activations of a layer for a picture: one map for each unit.
public struct FeatureMaps: Sendable {
  /// The layer.
  public let layer: Layer
  /// The height of a map in positions.
  public let height: Int
  /// The width of a map in positions.
  public let width: Int
  /// `[height, width, units]`.
  private let values: [Float]

  /// Computes the maps.
  ///
  /// - Parameter threads: the number of threads, at least 1; nil for all available processors.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError`.
  public init(
    of picture: Picture, layer: Layer, network: FeatureNetwork, threads: Int? = nil
  ) throws {
    let workspace = try Workspace(kernels: .chosen(), threads: threads)
    let extractor = try FeatureExtractor(
      network: network, height: picture.height, width: picture.width, features: [layer],
      hasGradient: false, workspace: workspace)
    picture.pixels.elements.withUnsafeBufferPointer { extractor.forward($0.baseAddress!) }
    let map = extractor.features(layer)
    self.layer = layer
    (height, width) = (map.shape.height, map.shape.width)
    values = Array(UnsafeBufferPointer(start: map.values, count: map.shape.count))
  }

  /// The number of units.
  public var units: Int { layer.channels }

  /// The activation of a unit at a position.
  public func value(unit: Int, x: Int, y: Int) -> Float {
    values[(y * width + x) * units + unit]
  }

  /// Renders each unit's map as a gray picture.
  ///
  /// White is the layer's largest activation, and black is 0 or the most negative activation.
  /// Square roots make weak activations visible.
  public func pictures() -> [Picture] {
    func root(_ value: Float) -> Float { value < 0 ? -(-value).squareRoot() : value.squareRoot() }
    let (least, most) = (root(min(0, values.min() ?? 0)), root(max(0, values.max() ?? 0)))
    let scale = most > least ? 1 / (most - least) : 0
    return (0..<units).map { unit in
      let elements = stride(from: unit, to: values.count, by: units).flatMap { i in
        let value = (root(values[i]) - least) * scale
        return [value, value, value]
      }
      return Picture(pixels: Tensor(shape: [height, width, 3], elements: elements))
    }
  }
}
