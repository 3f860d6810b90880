import Engine
import Networks
import Pictures
import TestSupport
import Testing

@testable import Impasto

/// The objective of tiles has the losses and gradients of the objective of the whole picture.
@Suite struct TiledObjectiveTests {
  struct Setup: Sendable, CustomStringConvertible {
    var (height, width) = (240, 288)
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

    static let all: [Setup] = [
      Setup(), Setup(side: 136), Setup(height: 96, width: 400, side: 176),
      Setup(height: 211, width: 197, side: 150),
      Setup(height: 211, width: 197, side: 150, pooling: .average, padding: .zero),
      Setup(
        style: "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", content: "conv4_2", loss: .gram, side: 200
      ),
      Setup(
        height: 250, width: 333, style: "conv1_2,conv2_2,conv3_3,conv4_3,conv5_3",
        content: "conv2_2",
        loss: .gram, normalization: .paper, side: 208),
      Setup(style: "conv1_1:pre,pool2,conv3_1", content: "conv3_1:pre,conv2_1", loss: .gram),
      Setup(parts: .regions), Setup(parts: .visible), Setup(parts: .blended),
      Setup(height: 211, width: 197, side: 150, loss: .gram, parts: .regions),
    ]

    init(
      height: Int = 240, width: Int = 288, style: String = "conv1_1,conv2_1,conv3_1,conv4_1",
      content: String = "conv4_1", loss: StyleLoss = .wasserstein,
      normalization: Normalization = .relative, side: Int = 160, pooling: Pooling = .max,
      padding: Padding = .replicate, parts: Parts = .whole
    ) {
      (self.height, self.width, self.side) = (height, width, side)
      (self.style, self.content, self.loss) = (style, content, loss)
      (self.normalization, self.pooling, self.padding) = (normalization, pooling, padding)
      self.parts = parts
    }
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

  @Test(arguments: Setup.all)
  func lossesAndGradientsAreThoseOfTheWholePicture(setup: Setup) throws {
    let network = try ShippedNetwork.network(setup.pooling, setup.padding)
    let workspace = try Workspace(kernels: .chosen())
    let photo = try Self.picture(setup.height, setup.width, seed: 1)
    let image = FloatBuffer(
      try Self.picture(setup.height, setup.width, seed: 2).pixels.elements)
    let visible =
      setup.parts == .visible ? Self.mask(setup.height, setup.width, isLeft: true) : nil
    let content = try LayerWeights(parsing: setup.content, architecture: network.architecture)
    let regions = try Self.regions(setup, network)
    let weights = Objective.Weights(content: 1, style: 100, totalVariation: 1)
    let whole = try Objective(
      photo: photo.pixels, visible: visible, contentLayers: content, style: regions,
      weights: weights, styleLoss: setup.loss, normalization: setup.normalization,
      network: network, hasGradient: true, workspace: workspace)
    let tiled = try TiledObjective(
      photo: photo.pixels, visible: visible, contentLayers: content, style: regions,
      weights: weights, styleLoss: setup.loss, normalization: setup.normalization,
      network: network, side: setup.side, workspace: workspace)
    let expectedGradient = FloatBuffer(count: image.count)
    let gradient = FloatBuffer(count: image.count)
    let expected = whole.losses(image.pointer, gradient: expectedGradient.pointer)
    let losses = try tiled.evaluate(
      image.pointer, gradient: gradient.pointer, isPhoto: false)

    func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-5) -> Bool {
      abs(a - b) <= tolerance * abs(b)
    }
    #expect(close(losses.total, expected.total), "\(losses.total) \(expected.total)")
    #expect(close(losses.content, expected.content), "\(losses.content) \(expected.content)")
    #expect(close(losses.style, expected.style), "\(losses.style) \(expected.style)")
    #expect(close(tiled.contentEnergy, whole.contentEnergy))
    for (layer, value) in expected.styleLayers {
      #expect(close(losses.styleLayers[layer]!, value), "\(layer)")
    }
    let largest = expectedGradient.elements.map(abs).max()!
    let error = zip(gradient.elements, expectedGradient.elements).map { abs($0 - $1) }.max()!
    #expect(error <= 1e-4 * largest, "\(error / largest)")
  }
}
