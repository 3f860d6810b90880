import Engine
import Files
import Networks
import Pictures

/// The patches of pictures with the strongest activations of a unit: Zeiler and Fergus (2013),
/// "Visualizing and Understanding Convolutional Networks", section 4.1.
public struct ExcitingPatches: Sendable {
  /// A patch of a picture.
  public struct Patch: Sendable {
    /// The receptive field of the unit, mirrored beyond the picture's edge.
    public let picture: Picture
    /// The unit's activation, before its ReLU if it has one.
    public let value: Float
    /// The name of the picture.
    public let source: String
  }

  /// The patches, the strongest activation first.
  public private(set) var patches: [Patch] = []
  private let layer: Layer
  private let unit: Int
  private let count: Int
  private let network: FeatureNetwork
  private let threads: Int?

  /// Prepares a search for patches.
  ///
  /// - Parameters:
  ///   - unit: the index of the unit, from 0.
  ///   - count: the number of patches to keep.
  /// - Throws: `SettingError` if the layer has no such unit.
  public init(
    layer: Layer, unit: Int, count: Int = 9, network: FeatureNetwork, threads: Int? = nil
  ) throws {
    guard (0..<layer.channels).contains(unit) else {
      throw SettingError(problem: "unit \(unit): \(layer) has units 0 to \(layer.channels - 1).")
    }
    // ReLU does not change the order. The values before it also rank the pictures for a unit that
    // none of them activates.
    self.layer = layer.kind == .relu ? network.architecture.layers[layer.index - 1] : layer
    (self.unit, self.count) = (unit, count)
    (self.network, self.threads) = (network, threads)
  }

  /// Searches one more picture.
  ///
  /// - Parameter source: the name of the picture.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError`.
  public mutating func add(_ picture: Picture, source: String) throws {
    let maps = try FeatureMaps(of: picture, layer: layer, network: network, threads: threads)
    let side = network.architecture.receptiveField(of: layer)
    let surrounded = picture.extended(by: Margins(side))
    for (x, y) in places(maps, apart: max(1, side / layer.stride / 2)) {
      // The center of the pixels that the position covers.
      let center = (x * layer.stride + layer.stride / 2, y * layer.stride + layer.stride / 2)
      let patch = surrounded.cut(
        PixelSize(width: side, height: side), left: center.0 + side - side / 2,
        top: center.1 + side - side / 2)
      patches.append(
        Patch(picture: patch, value: maps.value(unit: unit, x: x, y: y), source: source))
    }
    patches = Array(patches.sorted { $0.value > $1.value }.prefix(count))
  }

  /// The positions of a picture that may be among the strongest, at a minimum distance.
  private func places(_ maps: FeatureMaps, apart: Int) -> [(x: Int, y: Int)] {
    let least = patches.count == count ? patches.last!.value : -.infinity
    var candidates: [(x: Int, y: Int, value: Float)] = []
    for y in 0..<maps.height {
      for x in 0..<maps.width {
        let value = maps.value(unit: unit, x: x, y: y)
        if value > least { candidates.append((x, y, value)) }
      }
    }
    var chosen: [(x: Int, y: Int)] = []
    for place in candidates.sorted(by: { $0.value > $1.value }) where chosen.count < count {
      let isAlone = chosen.allSatisfy {
        abs($0.x - place.x) >= apart || abs($0.y - place.y) >= apart
      }
      if isAlone { chosen.append((place.x, place.y)) }
    }
    return chosen
  }
}
