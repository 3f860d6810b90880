import Engine
import Foundation
import Impasto
import Pictures
import TestSupport
import Testing

/// Compares losses with those that make_expected_losses.py computes with PyTorch and numpy, by the
/// formulas of each normalization's source.
@Suite struct ExpectedLossTests {
  private struct Expected: Decodable {
    let height: Int
    let width: Int
    let styleLayers: String
    let contentLayer: String
    let photo: [Int]
    let painting: [Int]
    let image: [Int]
    /// The content loss, style loss and total variation of each normalization.
    let losses: [String: [Double]]
    /// The masks of the photo and of the painting for each region.
    let masks: [[[Int]]]
    let guided: [String: Double]
    let wasserstein: Wasserstein

    struct Wasserstein: Decodable {
      let layers: [String: Double]
      /// The sums of the gradient in blocks of 4x4 pixels.
      let gradient: [Float]
    }
  }

  private let expected: Expected
  private let network = ShippedNetwork.network(.average)

  init() throws {
    let url = Bundle.module.url(forResource: "Fixtures/expected_losses", withExtension: "json")!
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
  }

  private func tensor(_ values: [Int]) -> Tensor {
    Tensor(
      shape: [expected.height, expected.width, 3], elements: values.map { Float($0) / 255 })
  }

  private func mask(_ values: [Int]) -> Mask {
    Mask(Picture(pixels: tensor(values.flatMap { [$0, $0, $0] })))
  }

  private var layers: LayerWeights {
    get throws { try LayerWeights(parsing: expected.styleLayers, architecture: .vgg16) }
  }

  private func objective(_ normalization: Normalization, _ style: [StyleRegion]) throws -> Objective
  {
    try Objective(
      photo: tensor(expected.photo),
      contentLayers: LayerWeights(parsing: expected.contentLayer, architecture: .vgg16),
      style: style, weights: .init(content: 1, style: 1, totalVariation: 1), styleLoss: .gram,
      normalization: normalization, network: network)
  }

  @Test(arguments: [Normalization.paper, .meanSquared, .coursera, .neuralStyle, .relative])
  func lossesMatchTheirSource(normalization: Normalization) throws {
    let source = try #require(expected.losses[normalization.rawValue])
    let target = try StyleTarget(
      painting: tensor(expected.painting), layers: layers, network: network)
    let losses = try objective(normalization, [StyleRegion(target)]).losses(
      tensor(expected.image).elements)
    #expect(relativeError(losses.content, source[0]) < 1e-4)
    #expect(relativeError(losses.style, source[1]) < 1e-4)
    #expect(relativeError(losses.totalVariation, source[2]) < 1e-5)
    #expect(
      relativeError(losses.total, losses.content + losses.style + losses.totalVariation) < 1e-9)
  }

  @Test(arguments: [Normalization.meanSquared, .coursera, .neuralStyle, .perPosition, .relative])
  func weightsConvertIntoThePapers(normalization: Normalization) throws {
    let terms: [(Normalization.Term, Double)] = [
      (.content(positions: 96, channels: 256, energy: 11), 3),
      (.style(channels: 64, energy: 13), 5), (.totalVariation(pixels: 1536), 7),
    ]
    for (term, weight) in terms {
      let converted = normalization.weight(weight, of: term, convertedTo: .paper)
      #expect(relativeError(converted, weight * normalization.scale(of: term)) < 1e-12)
      #expect(
        relativeError(
          Normalization.paper.weight(converted, of: term, convertedTo: normalization), weight)
          < 1e-12)
    }
  }

  private func wassersteinObjective(_ style: [StyleRegion]) throws -> Objective {
    try Objective(
      photo: tensor(expected.photo),
      contentLayers: LayerWeights(parsing: expected.contentLayer, architecture: .vgg16),
      style: style, weights: .init(content: 0, style: 1, totalVariation: 0),
      styleLoss: .wasserstein, normalization: .relative, network: network)
  }

  private func target(weights: String) throws -> StyleTarget {
    try StyleTarget(
      painting: tensor(expected.painting),
      layers: LayerWeights(parsing: weights, architecture: .vgg16), network: network)
  }

  @Test func wassersteinDistancesAndGradientMatchTheirSource() throws {
    let target = try target(weights: "conv1_1,conv2_1,conv3_1")
    let image = tensor(expected.image).elements
    var gradient = [Float](repeating: 0, count: image.count)
    let losses = try wassersteinObjective([StyleRegion(target)]).losses(image, gradient: &gradient)
    #expect(losses.styleLayers.count == expected.wasserstein.layers.count)
    for (layer, loss) in losses.styleLayers {
      let source = try #require(expected.wasserstein.layers[layer.name])
      // The difference of traces, in single precision, of about 1.
      #expect(abs(loss - source) < 5e-5, "\(layer)")
    }
    var blocks = [Float](repeating: 0, count: expected.wasserstein.gradient.count)
    for (i, value) in gradient.enumerated() {
      let (y, x) = (i / 3 / expected.width, i / 3 % expected.width)
      blocks[(y / 4 * (expected.width / 4) + x / 4) * 3 + i % 3] += value
    }
    #expect(relativeError(blocks, expected.wasserstein.gradient) < 1e-3)
  }

  /// Compares a gradient with differences along its own direction.
  private func expectGradientMatchesDifferences(_ objective: Objective) {
    let image = tensor(expected.image).elements
    var gradient = [Float](repeating: 0, count: image.count)
    _ = objective.losses(image, gradient: &gradient)
    let squared = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
    let step = Float(1e-3 / squared.squareRoot() * Double(image.count).squareRoot())
    let ahead = objective.losses(zip(image, gradient).map { $0 + step * $1 }).total
    let behind = objective.losses(zip(image, gradient).map { $0 - step * $1 }).total
    #expect(relativeError((ahead - behind) / (2 * Double(step)), squared) < 0.01)
  }

  /// The gradient is that of the value, with and without masks.
  @Test(arguments: [true, false])
  func theWassersteinGradientMatchesDifferences(hasMasks: Bool) throws {
    let regions = try hasMasks ? regions() : [StyleRegion(target(weights: "conv1_1,conv3_1"))]
    expectGradientMatchesDifferences(try wassersteinObjective(regions))
  }

  @Test func thePaintingItselfHasNoWassersteinDistance() throws {
    let target = try target(weights: "conv1_1,conv3_1")
    let losses = try wassersteinObjective([StyleRegion(target)]).losses(
      tensor(expected.painting).elements)
    #expect(losses.style < 1e-5)
  }

  private func regions() throws -> [StyleRegion] {
    try expected.masks.map { pair in
      StyleRegion(
        try StyleTarget(
          painting: tensor(expected.painting), mask: mask(pair[1]), layers: layers,
          network: network), mask: mask(pair[0]))
    }
  }

  @Test func guidedLossesMatchTheirSource() throws {
    let losses = try objective(.paper, regions()).losses(tensor(expected.image).elements)
    #expect(losses.styleLayers.count == expected.guided.count)
    for (layer, loss) in losses.styleLayers {
      #expect(relativeError(loss, try #require(expected.guided[layer.name])) < 1e-4, "\(layer)")
    }
  }

  /// The gradient is that of the value, with and without masks.
  @Test(arguments: [true, false])
  func theGuidedGradientMatchesDifferences(hasMasks: Bool) throws {
    let regions = try regions().map {
      StyleRegion($0.target, mask: hasMasks ? $0.mask : nil, weight: $0.weight)
    }
    expectGradientMatchesDifferences(try objective(.perPosition, regions))
  }

  @Test func aWhiteMaskEqualsNoMask() throws {
    let target = try StyleTarget(
      painting: tensor(expected.painting), layers: layers, network: network)
    let white = mask(Array(repeating: 255, count: expected.height * expected.width))
    let (whole, masked) = (
      try objective(.paper, [StyleRegion(target)]),
      try objective(.paper, [StyleRegion(target, mask: white)])
    )
    let image = tensor(expected.image).elements
    var (a, b) = (
      [Float](repeating: 0, count: image.count), [Float](repeating: 0, count: image.count)
    )
    let losses = whole.losses(image, gradient: &a)
    #expect(relativeError(masked.losses(image, gradient: &b).total, losses.total) < 1e-5)
    #expect(relativeError(a, b) < 1e-4)
  }

  @Test func aBlackMaskOfAPaintingIsAnError() throws {
    let black = mask(Array(repeating: 0, count: expected.height * expected.width))
    #expect(throws: SettingError.self) {
      try StyleTarget(
        painting: tensor(expected.painting), mask: black, layers: layers, network: network)
    }
    // A black mask of the photo applies the style nowhere.
    let target = try StyleTarget(
      painting: tensor(expected.painting), layers: layers, network: network)
    let losses = try objective(.paper, [StyleRegion(target, mask: black)]).losses(
      tensor(expected.image).elements)
    #expect(losses.style == 0)
  }

  @Test func termsWithoutWeightAreSkipped() throws {
    let target = try StyleTarget(
      painting: tensor(expected.painting), layers: layers, network: network)
    func losses(content: Double, style: Double) throws -> Losses {
      try Objective(
        photo: tensor(expected.photo),
        contentLayers: LayerWeights(parsing: expected.contentLayer, architecture: .vgg16),
        style: target, weights: .init(content: content, style: style, totalVariation: 1),
        styleLoss: .gram, normalization: .paper, network: network
      ).losses(tensor(expected.image).elements)
    }
    let (content, style) = (try losses(content: 1, style: 0), try losses(content: 0, style: 1))
    #expect(content.style == 0 && content.styleLayers.isEmpty)
    #expect(relativeError(content.content, expected.losses["paper"]![0]) < 1e-4)
    #expect(style.content == 0 && style.contentLayers.isEmpty)
    #expect(relativeError(style.style, expected.losses["paper"]![1]) < 1e-4)
    let neither = try losses(content: 0, style: 0)
    #expect(neither.total == neither.totalVariation && neither.total > 0)
  }
}
