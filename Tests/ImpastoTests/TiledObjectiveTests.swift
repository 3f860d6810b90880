import Engine
import Impasto
import Networks
import Pictures
import TestSupport
import Testing

/// The objective of tiles has the losses and gradients of the objective of the whole picture.
@Suite struct TiledObjectiveTests {
  struct Setup: Sendable, CustomStringConvertible {
    var height = 224
    var width = 288
    var side = 160
    var style = "conv1_1,conv2_1,conv3_1,conv4_1"
    var content = "conv4_1"
    var loss = StyleLoss.wasserstein
    var normalization = Normalization.relative
    var pooling = Pooling.max
    var padding = Padding.replicate
    var parts = Parts.whole

    enum Parts: CaseIterable { case whole, regions, visible, blended }

    var description: String {
      "\(width)x\(height) side \(side) \(style) \(content) \(loss) \(normalization) \(pooling) \(parts)"
    }

    /// Tiles that begin where the convolutions' roundings repeat.
    static let aligned: [Setup] = [
      Setup(loss: .gram), Setup(side: 128, loss: .gram),
      Setup(height: 96, width: 416, side: 176, loss: .gram),
      Setup(
        height: 256, width: 352, side: 200, loss: .gram, pooling: .average, padding: .zero),
      Setup(
        height: 272, width: 336, side: 208, style: "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1",
        content: "conv4_2", loss: .gram),
      Setup(
        height: 304, width: 368, side: 260, style: "conv1_2,conv2_2,conv3_3,conv4_3,conv5_3",
        content: "conv2_2", loss: .gram, normalization: .paper),
      Setup(style: "conv1_1:pre,conv3_1", content: "conv3_1:pre,conv2_1", loss: .gram),
      Setup(loss: .gram, parts: .regions), Setup(loss: .gram, parts: .visible),
      Setup(loss: .gram, parts: .blended),
    ]

    /// The layers and the losses of every preset. VGG-16 ends its fourth block with conv4_3.
    static let presets: [Setup] = [
      preset(first, "conv4_2", .coursera, .average, height: 288, width: 512),
      preset(first, "conv4_2", .paper, .average, height: 288, width: 512),
      preset(first, "conv4_2", .neuralStyle, .max, height: 320, width: 384),
      preset(
        "conv1_1:pre,conv2_1:pre,conv3_1:pre,conv4_1:pre,conv5_1:pre", "conv4_3:pre", .meanSquared,
        .max, height: 320, width: 384),
      preset(
        "conv1_2:pre,conv2_2:pre,conv3_2:pre,conv4_2:pre,conv5_2:pre", "conv4_2,conv4_3:pre",
        .meanSquared, .max, height: 288, width: 352),
      preset(
        "conv1_1:pre,conv1_2:pre,conv2_1:pre,conv2_2:pre,conv3_1:pre", "conv2_2:pre",
        .meanSquared, .max, height: 288, width: 352),
    ]
    private static let first = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1"

    private static func preset(
      _ style: String, _ content: String, _ normalization: Normalization, _ pooling: Pooling,
      height: Int, width: Int
    ) -> Setup {
      Setup(
        height: height, width: width, side: pooling == .average ? 320 : 256, style: style,
        content: content, loss: .gram,
        normalization: normalization, pooling: pooling, padding: .zero)
    }

    /// Any sizes.
    static let all: [Setup] = [
      Setup(), Setup(height: 211, width: 197, side: 150), Setup(parts: .regions),
      Setup(height: 211, width: 197, side: 200, pooling: .average, padding: .zero),
      Setup(height: 213, width: 333, side: 150, style: "pool1,pool2,conv3_1", loss: .gram),
      Setup(height: 211, width: 197, side: 150, parts: .visible),
    ]
  }

  /// A picture with large and small forms, as a photo has.
  private static func picture(_ height: Int, _ width: Int, seed: UInt64) throws -> Picture {
    var random = SmallRandom(seed)
    let coarse = Picture(pixels: random.tensor([height / 16 + 1, width / 16 + 1, 3], in: 0...1))
    let noise = random.tensor([height, width, 3], in: -0.1...0.1)
    let smooth = try coarse.resized(to: PixelSize(width: width, height: height))
    return Picture(
      pixels: Tensor(
        shape: [height, width, 3],
        elements: zip(smooth.pixels.elements, noise.elements).map { min(max($0 + $1, 0), 1) }))
  }

  /// A soft mask that is zero in a part of the picture.
  private static func mask(_ height: Int, _ width: Int, isLeft: Bool) -> Mask {
    let values = (0..<height * width).map { index -> Float in
      let place = Float(index % width) / Float(width)
      return min(max(isLeft ? 1.5 - 3 * place : 3 * place - 1.5, 0), 1)
    }
    return Mask(
      Picture(
        pixels: Tensor(
          shape: [height, width, 3], elements: values.flatMap { [$0, $0, $0] })))
  }

  private static func regions(_ setup: Setup, _ network: FeatureNetwork) throws -> [StyleRegion] {
    let layers = try LayerWeights(parsing: setup.style, architecture: network.architecture)
    let targets = try (0..<2).map { seed in
      try StyleTarget(
        painting: picture(200, 160, seed: 10 + UInt64(seed)).pixels, layers: layers,
        network: network)
    }
    switch setup.parts {
    case .whole, .visible: return [StyleRegion(targets[0])]
    case .blended:
      return [StyleRegion(try StyleTarget(blending: [(targets[0], 1), (targets[1], 2)]))]
    case .regions:
      return [
        StyleRegion(targets[0], mask: mask(setup.height, setup.width, isLeft: true)),
        StyleRegion(targets[1], mask: mask(setup.height, setup.width, isLeft: false), weight: 2),
      ]
    }
  }

  /// The objectives of a setup for the whole picture and for its tiles, and a picture to evaluate.
  private static func objectives(_ setup: Setup) throws -> (
    whole: Objective, tiled: TiledObjective, image: FloatBuffer
  ) {
    let network = try ShippedNetwork.network(setup.pooling, setup.padding)
    let workspace = try Workspace(kernels: .chosen())
    let photo = try picture(setup.height, setup.width, seed: 1)
    let visible = setup.parts == .visible ? mask(setup.height, setup.width, isLeft: true) : nil
    let content = try LayerWeights(parsing: setup.content, architecture: network.architecture)
    let regions = try regions(setup, network)
    let weights = Objective.Weights(content: 1, style: 100, totalVariation: 1)
    return (
      try Objective(
        photo: photo.pixels, visible: visible, contentLayers: content, style: regions,
        weights: weights, styleLoss: setup.loss, normalization: setup.normalization,
        network: network, hasGradient: true, workspace: workspace),
      try TiledObjective(
        photo: photo.pixels, visible: visible, contentLayers: content, style: regions,
        weights: weights, styleLoss: setup.loss, normalization: setup.normalization,
        network: network, side: setup.side, workspace: workspace),
      FloatBuffer(try picture(setup.height, setup.width, seed: 2).pixels.elements)
    )
  }

  /// Compares losses and gradients.
  ///
  /// - Parameters:
  ///   - tolerance: the largest relative difference of a loss; four times that for one layer of the
  ///     Wasserstein loss.
  ///   - largest: the largest difference of the gradient's elements, relative to the largest element.
  ///   - meanSquare: the largest root mean square of the differences, relative to the elements'.
  private func compare(
    _ setup: Setup, tolerance: Double, largest: Float, meanSquare: Float
  ) throws {
    let (whole, tiled, image) = try Self.objectives(setup)
    let wholeGradient = FloatBuffer(count: image.count)
    let tiledGradient = FloatBuffer(count: image.count)
    let expected = whole.losses(image.pointer, gradient: wholeGradient.pointer)
    let losses = try tiled.evaluate(
      image.pointer, gradient: tiledGradient.pointer, isPhoto: false)

    func expectClose(_ a: Double, _ b: Double, _ name: String, share: Double = 1) {
      #expect(share * abs(a - b) <= tolerance * abs(b), "\(name): \(a / b - 1)")
    }
    expectClose(losses.total, expected.total, "total")
    expectClose(losses.content, expected.content, "content")
    expectClose(losses.style, expected.style, "style")
    expectClose(tiled.contentEnergy, whole.contentEnergy, "energy")
    for (layer, value) in expected.styleLayers {
      expectClose(
        losses.styleLayers[layer]!, value, "\(layer)", share: setup.loss == .gram ? 1 : 0.25)
    }
    let elements = wholeGradient.elements
    let differences = zip(tiledGradient.elements, elements).map { $0 - $1 }
    func size(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let error = differences.map(abs).max()! / elements.map(abs).max()!
    #expect(error <= largest, "largest: \(error)")
    #expect(
      size(differences) <= meanSquare * size(elements),
      "root mean square: \(size(differences) / size(elements))")
  }

  @Test(arguments: Setup.aligned + Setup.presets)
  func alignedTilesGiveTheLossesAndGradientsOfTheWholePicture(setup: Setup) throws {
    try compare(setup, tolerance: 1e-5, largest: 1e-4, meanSquare: 1e-4)
  }

  /// Other roundings let a few maximum poolings and ReLUs decide otherwise. The Wasserstein loss
  /// depends on the roots of the smallest eigenvalues, whose roundings are larger.
  @Test(arguments: Setup.all)
  func anyTilesGiveTheLossesAndGradientsOfTheWholePicture(setup: Setup) throws {
    try compare(setup, tolerance: 5e-4, largest: 1e-2, meanSquare: 2e-3)
  }
}
