import Engine
import Impasto
import Networks
import Pictures
import TestSupport
import Testing

@Suite struct InspectionTests {
  private let network = ShippedNetwork.network(.average)

  private func picture(_ seed: UInt64, height: Int = 61, width: Int = 45) throws -> Picture {
    var random = SmallRandom(seed)
    return try Picture(pixels: random.tensor([7, 6, 3], in: 0...1)).resized(
      to: PixelSize(width: width, height: height))
  }

  /// The values are those of published tables of VGG's receptive fields.
  @Test(arguments: [
    ("conv1_1", 3), ("conv1_2", 5), ("pool1", 6), ("conv2_2", 14), ("pool3", 44), ("conv5_3", 196),
    ("pool5", 212),
  ])
  func receptiveFields(name: String, side: Int) throws {
    #expect(Architecture.vgg16.receptiveField(of: try Architecture.vgg16.layer(name)) == side)
  }

  @Test func mapsAreTheLayersFeatures() throws {
    let picture = try picture(1)
    let layer = try Architecture.vgg16.layer("conv2_1")
    let maps = try FeatureMaps(of: picture, layer: layer, network: network)
    #expect(maps.height == 30 && maps.width == 22 && maps.units == 128)
    let values = (0..<maps.units).flatMap { unit in
      (0..<maps.height).flatMap { y in
        (0..<maps.width).map { maps.value(unit: unit, x: $0, y: y) }
      }
    }
    #expect(values.allSatisfy { $0 >= 0 } && values.contains { $0 > 1 })
    let pictures = maps.pictures()
    #expect(pictures.count == 128 && pictures[0].size == PixelSize(width: 22, height: 30))
    #expect(pictures.flatMap(\.pixels.elements).max() == 1)
  }

  /// A patch by itself gives the unit at its center the reported activation, unless the patch is at
  /// the edge of its picture, where the network was padded with zeros.
  @Test func patchesExciteTheUnitAsReported() throws {
    let layer = try Architecture.vgg16.layer("conv2_1")
    var found = try ExcitingPatches(layer: layer, unit: 5, count: 4, network: network)
    for seed in 1...3 { try found.add(picture(UInt64(seed)), source: "\(seed)") }
    #expect(found.patches.count == 4)
    #expect(found.patches.map(\.value) == found.patches.map(\.value).sorted(by: >))
    let side = network.architecture.receptiveField(of: layer)
    #expect(found.patches.allSatisfy { $0.picture.size == PixelSize(width: side, height: side) })
    let all = try (1...3).flatMap { seed in
      let before = Architecture.vgg16.layers[layer.index - 1]
      let maps = try FeatureMaps(of: picture(UInt64(seed)), layer: before, network: network)
      return (0..<maps.height).flatMap { y in
        (0..<maps.width).map { maps.value(unit: 5, x: $0, y: y) }
      }
    }
    #expect(found.patches[0].value == all.max())
  }

  @Test func aMissingUnitIsAnError() throws {
    let layer = try Architecture.vgg16.layer("conv1_1")
    for unit in [-1, 64] {
      #expect(throws: SettingError.self) {
        try ExcitingPatches(layer: layer, unit: unit, network: network)
      }
    }
  }
}
