import Engine
import Impasto
import Networks
import TestSupport
import Testing

/// Tests normalizations and weights on a small picture of odd size.
@Suite struct LossTests {
  private let photo: Tensor
  private let painting: Tensor
  private let image: Tensor
  private let network = ShippedNetwork.network(.average)

  init() {
    var random = SmallRandom(11)
    photo = random.tensor([37, 21, 3], in: 0...1)
    painting = random.tensor([18, 45, 3], in: 0...1)
    image = random.tensor([37, 21, 3], in: 0...1)
  }

  private func objective(
    _ weights: Objective.Weights, _ normalization: Normalization,
    style: String = "conv1_1,conv3_1:3",
    content: String = "conv2_2:pre"
  ) throws -> Objective {
    let layers = try LayerWeights(parsing: style, architecture: .vgg16)
    return try Objective(
      photo: photo, contentLayers: LayerWeights(parsing: content, architecture: .vgg16),
      style: StyleTarget(painting: painting, layers: layers, network: network), weights: weights,
      styleLoss: .gram, normalization: normalization, network: network)
  }

  /// The temporal loss and its gradient are those of equation 7 of Ruder et al., and add to the others.
  @Test func temporalLossIsItsDefinition() throws {
    var random = SmallRandom(3)
    let target = Picture(pixels: random.tensor([37, 21, 3], in: 0...1))
    let trust = Mask(values: random.tensor([37, 21], in: 0...1))
    let weights = Objective.Weights(content: 1, style: 1, totalVariation: 1)
    let objective = try objective(weights, .relative)
    var (alone, together) = (image.elements, image.elements)
    let before = objective.losses(image.elements, gradient: &alone)
    objective.temporal = TemporalLoss(TemporalTarget(picture: target, trust: trust, weight: 30))
    let after = objective.losses(image.elements, gradient: &together)
    func loss(_ point: [Double]) -> Double {
      let sum = point.indices.reduce(0) {
        let difference = point[$1] - Double(target.pixels.elements[$1])
        return $0 + Double(trust.values.elements[$1 / 3]) * difference * difference
      }
      return sum / Double(point.count)
    }
    let point = image.elements.map(Double.init)
    #expect(relativeError(after.temporal, loss(point)) < 1e-5)
    #expect(relativeError(after.total, before.total + 30 * after.temporal) < 1e-6)
    let expected = centralDifferences(at: Array(point.prefix(60))) { start in
      loss(start + point.dropFirst(60))
    }
    for (i, slope) in expected.enumerated() {
      #expect(abs(Double(together[i] - alone[i]) - 30 * slope) < 1e-5, "value \(i)")
    }
  }

  /// With the documented conversion of weights, two normalizations have equal values and gradients.
  @Test func normalizationsConvertIntoOneAnother() throws {
    let weights = Objective.Weights(content: 0.7, style: 12, totalVariation: 40)
    let positions = (37 / 2) * (21 / 2)
    let converted = Objective.Weights(
      content: Normalization.perPosition.weight(
        0.7, of: .content(positions: positions, channels: 128, energy: 1), convertedTo: .paper),
      style: Normalization.perPosition.weight(
        12, of: .style(channels: 64, energy: 1), convertedTo: .paper),
      totalVariation: Normalization.perPosition.weight(
        40, of: .totalVariation(pixels: 37 * 21), convertedTo: .paper))
    #expect(converted == .init(content: 0.7 / 180, style: 12, totalVariation: 40 / 777.0))
    var (a, b) = ([Float](), [Float]())
    a = [Float](repeating: 0, count: image.elements.count)
    b = a
    let mean = try objective(weights, .perPosition).losses(image.elements, gradient: &a)
    let paper = try objective(converted, .paper).losses(image.elements, gradient: &b)
    #expect(relativeError(mean.total, paper.total) < 1e-6)
    #expect(relativeError(a, b) < 1e-5)
    #expect(relativeError(mean.content * Double(positions), paper.content) < 1e-6)
    #expect(mean.style == paper.style)
  }

  /// For a painting of the photo's size, the loss is equation 4 of the paper, whose Gram matrices
  /// are sums.
  @Test func styleIsThePapersForEqualSizes() throws {
    let relu = try Architecture.vgg16.layer("relu1_1")
    let layers = try LayerWeights([(relu, 1)])
    func gram(_ picture: Tensor) throws -> [Double] {
      let mean = [123.68, 116.779, 103.939]
      let input = Naive.Map(
        height: 37, width: 21, channels: 3,
        values: picture.elements.enumerated().map { 255 * Double($1) - mean[$0 % 3] })
      let file = try ModelFile(path: ShippedNetwork.path)
      let features = Naive.convolution(
        input, weights: try file.tensor("conv1_1.weight").elements.map(Double.init), outputs: 64,
        size: 3, bias: try file.tensor("conv1_1.bias").elements.map(Double.init))
      return Naive.gram(Naive.relu(features)).map { $0 * 37 * 21 }
    }
    let (positions, channels) = (37.0 * 21, 64.0)
    let expected =
      Naive.squaredDistance(try gram(image), try gram(photo))
      / (4 * channels * channels * positions * positions)
    let objective = try Objective(
      photo: photo, contentLayers: .paperContent(of: .vgg16),
      style: StyleTarget(painting: photo, layers: layers, network: network),
      weights: .init(content: 0, style: 1, totalVariation: 0), styleLoss: .gram,
      normalization: .paper, network: network)
    #expect(relativeError(objective.losses(image.elements).style, expected) < 1e-4)
  }

  @Test func styleIsTheWeightedSumOfItsLayers() throws {
    let losses = try objective(.init(content: 0, style: 2, totalVariation: 0), .paper).losses(
      image.elements)
    let layers = losses.styleLayers
    let (first, third) = (
      layers[try Architecture.vgg16.layer("relu1_1")]!,
      layers[try Architecture.vgg16.layer("relu3_1")]!
    )
    #expect(relativeError(losses.style, 0.25 * first + 0.75 * third) < 1e-9)
    #expect(relativeError(losses.total, 2 * losses.style) < 1e-9)
  }

  @Test func aPictureMatchesItself() throws {
    let objective = try objective(.init(content: 1, style: 1, totalVariation: 0), .paper)
    #expect(objective.losses(photo.elements).content == 0)
    let own = try Objective(
      photo: photo, contentLayers: .paperContent(of: .vgg16),
      style: StyleTarget(painting: photo, layers: .paperStyle(of: .vgg16), network: network),
      weights: .init(content: 1, style: 1, totalVariation: 0), styleLoss: .gram,
      network: network)
    #expect(own.losses(photo.elements).total == 0)
  }

  /// Compares the gradient along random directions with differences that are large enough for
  /// single precision.
  @Test func gradientMatchesDifferences() throws {
    let objective = try objective(.init(content: 1, style: 10, totalVariation: 100), .perPosition)
    var gradient = [Float](repeating: 0, count: image.elements.count)
    _ = objective.losses(image.elements, gradient: &gradient)
    let squared = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
    let step = Float(1e-3 / squared.squareRoot() * Double(image.elements.count).squareRoot())
    let ahead = objective.losses(zip(image.elements, gradient).map { $0 + step * $1 }).total
    let behind = objective.losses(zip(image.elements, gradient).map { $0 - step * $1 }).total
    #expect(relativeError((ahead - behind) / (2 * Double(step)), squared) < 0.01)
  }

  @Test func blendsAreWeightedMeansOfGramMatrices() throws {
    let layers = try LayerWeights.paperStyle(of: .vgg16)
    let targets = try [painting, photo].map {
      try StyleTarget(painting: $0, layers: layers, network: network)
    }
    func style(_ target: StyleTarget) throws -> Losses {
      try Objective(
        photo: photo, contentLayers: .paperContent(of: .vgg16), style: target,
        weights: .init(content: 0, style: 1, totalVariation: 0), styleLoss: .gram,
        normalization: .paper, network: network
      ).losses(photo.elements)
    }
    #expect(try style(StyleTarget(blending: [(targets[0], 0), (targets[1], 5)])).style < 1e-6)
    // A blend with a share t of the painting scales G - A by t.
    let whole = try style(targets[0]).style
    let third = try style(StyleTarget(blending: [(targets[0], 1), (targets[1], 2)])).style
    #expect(relativeError(third, whole / 9) < 1e-3)
    #expect(throws: SettingError.self) {
      try StyleTarget(blending: [(targets[0], 0), (targets[1], 0)])
    }
    #expect(throws: SettingError.self) {
      try StyleTarget(blending: [(targets[0], -1), (targets[1], 2)])
    }
  }

  @Test func layerListsAreReadAndDividedByTheirSum() throws {
    let weights = try LayerWeights(parsing: "conv1_1:2, 11,conv4_2:pre:1", architecture: .vgg16)
    #expect(weights.shares.map(\.layer.name) == ["relu1_1", "relu3_1", "conv4_2:pre"])
    #expect(weights.shares.map(\.weight) == [0.5, 0.25, 0.25])
  }

  @Test(arguments: [
    "", ",", "conv1_1:", "conv1_1:x", "conv1_1:-1", "conv1_1:nan", "conv1_1:inf", "conv1_1:0",
    "conv9_1",
    "conv1_1,relu1_1", "conv1_1:2:3",
  ])
  func wrongLayerListsAreErrors(list: String) {
    #expect(throws: (any Error).self) { try LayerWeights(parsing: list, architecture: .vgg16) }
  }
}
