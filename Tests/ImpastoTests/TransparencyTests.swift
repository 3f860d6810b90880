import Engine
import Impasto
import Networks
import Pictures
import TestSupport
import Testing

/// Transfers between transparent pictures: invisible pixels have no effect on the visible ones.
@Suite struct TransparencyTests {
  private let network = ShippedNetwork.network(.average)
  private let photo: Picture
  private let painting: Picture

  init() {
    var random = SmallRandom(41)
    photo = Picture(pixels: random.tensor([39, 50, 3], in: 0.1...0.9))
    painting = Picture(pixels: random.tensor([37, 45, 3], in: 0...1))
  }

  /// The opacity of columns: opaque at the left, then half transparent, then invisible.
  private func alpha(_ size: PixelSize, opaque: Int, half: Int) -> Tensor {
    Tensor(
      shape: [size.height, size.width],
      elements: (0..<size.width * size.height).map { i in
        let column = i % size.width
        return column < opaque ? 1 : column < opaque + half ? 0.5 : 0
      })
  }

  private func transfer(_ photo: Picture, _ style: Style, _ options: TransferOptions) async throws
    -> TransferStep
  {
    try await StyleTransfer(content: photo, styles: [style], options: options, network: network)
      .run()
  }

  static let options = [
    TransferOptions(iterations: 3, scales: 1),
    TransferOptions(iterations: 2, margin: 0, color: .histogram),
    TransferOptions(iterations: 2, color: .luminance),
    TransferOptions(iterations: 2, color: .cholesky),
  ]

  @Test(arguments: options.indices)
  func aPaintingsOpacityIsItsMask(index: Int) async throws {
    let options = Self.options[index]
    let opacity = alpha(painting.size, opaque: 20, half: 6)
    let transparent = try await transfer(photo, Style(painting.withAlpha(opacity)), options)
    let mask = Mask(
      Picture(
        pixels: Tensor(
          shape: painting.pixels.shape, elements: opacity.elements.flatMap { [$0, $0, $0] })))
    let masked = try await transfer(photo, Style(painting, paintingMask: mask), options)
    #expect(relativeError(transparent.losses.total, masked.losses.total) < 1e-5)
    let (a, b) = (try transparent.picture().pixels, try masked.picture().pixels)
    #expect(zip(a.elements, b.elements).allSatisfy { abs($0 - $1) < 1e-4 })
    let opaque = try await transfer(photo, Style(painting), options)
    #expect(relativeError(opaque.losses.total, masked.losses.total) > 1e-3)
  }

  /// Far from the visible part nothing counts: other colors there change nothing that is visible.
  @Test(arguments: [ColorMethod?.none, .histogram, .cholesky, .luminance])
  func invisiblePixelsOfThePhotoHaveNoEffect(color: ColorMethod?) async throws {
    let layers = try LayerWeights(parsing: "conv1_1,conv2_1", architecture: .vgg16)
    let options = TransferOptions(
      contentLayers: layers, styleLayers: layers, iterations: 3, scales: 1, margin: 0, color: color)
    let opacity = alpha(photo.size, opaque: 16, half: 4)
    func result(_ hidden: Float) async throws -> TransferStep {
      // The receptive field of conv2_1 ends before the column 32.
      let elements = photo.pixels.elements.enumerated().map { i, value in
        i / 3 % photo.width < 32 ? value : hidden
      }
      let changed = Picture(
        pixels: Tensor(shape: photo.pixels.shape, elements: elements), alpha: opacity)
      return try await transfer(changed, Style(painting), options)
    }
    let (dark, light) = (try await result(0), try await result(1))
    #expect(relativeError(dark.losses.content, light.losses.content) < 1e-3)
    #expect(relativeError(dark.losses.style, light.losses.style) < 1e-3)
    let (a, b) = (try dark.picture(), try light.picture())
    #expect(a.alpha == opacity && b.alpha == opacity)
    for i in a.pixels.elements.indices where i / 3 % photo.width < 20 {
      #expect(abs(a.pixels.elements[i] - b.pixels.elements[i]) < 0.01)
    }
  }

  /// The content is compared by `½ Σ T² (F - P)²`, with T the mean opacity at a position.
  @Test(arguments: ["conv1_1", "conv2_1"])
  func theVisiblePartIsComparedAsARegion(layer: String) throws {
    let layers = try LayerWeights(parsing: layer, architecture: .vgg16)
    let visible = photo.withAlpha(alpha(photo.size, opaque: 21, half: 5)).visiblePart!
    var random = SmallRandom(42)
    let image = random.tensor([39, 50, 3], in: 0...1)
    let target = try StyleTarget(painting: painting.pixels, layers: layers, network: network)
    func losses(_ visible: Mask?, style: [StyleRegion]) throws -> Losses {
      try Objective(
        photo: photo.pixels, visible: visible, contentLayers: layers, style: style,
        weights: .init(content: 1, style: 1, totalVariation: 0), styleLoss: .gram,
        normalization: .paper, network: network
      ).losses(image.elements)
    }
    let part = try losses(visible, style: [StyleRegion(target)])
    // For the style a visible part is a mask.
    let masked = try losses(nil, style: [StyleRegion(target, mask: visible)])
    #expect(relativeError(part.style, masked.style) < 1e-6)
    let (a, b) = try (maps(image, layers), maps(photo.pixels, layers))
    let stride = layers.shares[0].layer.stride
    var expected = 0.0
    for y in 0..<a.height {
      for x in 0..<a.width {
        let pixels = (0..<stride * stride).map {
          visible.values.elements[(y * stride + $0 / stride) * 50 + x * stride + $0 % stride]
        }
        let weight = Double(pixels.reduce(0, +)) / Double(stride * stride)
        for unit in 0..<a.units {
          let difference = Double(a.value(unit: unit, x: x, y: y) - b.value(unit: unit, x: x, y: y))
          expected += 0.5 * weight * weight * difference * difference
        }
      }
    }
    #expect(relativeError(part.content, expected) < 1e-4)
    let everything = try losses(
      photo.withAlpha(Tensor(shape: [39, 50], repeating: 1)).visiblePart,
      style: [StyleRegion(target)])
    #expect(
      relativeError(everything.total, try losses(nil, style: [StyleRegion(target)]).total) < 1e-5)
  }

  private func maps(_ image: Tensor, _ layers: LayerWeights) throws -> FeatureMaps {
    try FeatureMaps(of: Picture(pixels: image), layer: layers.shares[0].layer, network: network)
  }

  @Test func theGradientOfAVisiblePartMatchesDifferences() throws {
    var random = SmallRandom(43)
    let image = random.tensor([39, 50, 3], in: 0...1)
    let content = try LayerWeights(parsing: "conv2_2:pre,conv3_1", architecture: .vgg16)
    let style = try LayerWeights(parsing: "conv1_1,conv3_1", architecture: .vgg16)
    let objective = try Objective(
      photo: photo.pixels,
      visible: photo.withAlpha(alpha(photo.size, opaque: 21, half: 9)).visiblePart,
      contentLayers: content,
      style: StyleTarget(painting: painting.pixels, layers: style, network: network),
      weights: .init(content: 1, style: 10, totalVariation: 0), network: network)
    var gradient = [Float](repeating: 0, count: image.elements.count)
    _ = objective.losses(image.elements, gradient: &gradient)
    let squared = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
    let step = Float(1e-3 / squared.squareRoot() * Double(image.elements.count).squareRoot())
    let ahead = objective.losses(zip(image.elements, gradient).map { $0 + step * $1 }).total
    let behind = objective.losses(zip(image.elements, gradient).map { $0 - step * $1 }).total
    #expect(relativeError((ahead - behind) / (2 * Double(step)), squared) < 0.01)
    // Beyond the receptive field of conv3_1, 24 pixels, there is nothing but rounding.
    let largest = gradient.map(abs).max()!
    let beyond = gradient.indices.filter { $0 / 3 % 50 >= 48 }.map { abs(gradient[$0]) }.max()!
    #expect(beyond < 1e-5 * largest)
  }

  @Test func aFullyTransparentPhotoHasNoContentAndNoStyle() async throws {
    let hidden = photo.withAlpha(Tensor(shape: [39, 50], repeating: 0))
    let step = try await transfer(
      hidden, Style(painting), TransferOptions(iterations: 2, scales: 1))
    #expect(step.losses.content == 0 && step.losses.style == 0)
    await #expect(throws: SettingError.self) {
      try await transfer(
        photo, Style(painting.withAlpha(Tensor(shape: [37, 45], repeating: 0))), TransferOptions())
    }
  }
}

/// Two gray inputs give a gray result.
@Suite struct GrayTransferTests {
  private func gray(_ seed: UInt64, alpha: Tensor? = nil) -> Picture {
    var random = SmallRandom(seed)
    let values = random.tensor([36, 40], in: 0...1).elements
    return Picture(
      pixels: Tensor(shape: [36, 40, 3], elements: values.flatMap { [$0, $0, $0] }), alpha: alpha)
  }

  private func isGray(_ picture: Picture) -> Bool {
    let values = picture.pixels.elements
    return values.indices.allSatisfy { values[$0] == values[$0 / 3 * 3] }
  }

  private func result(
    _ photo: Picture, _ painting: Picture, _ options: TransferOptions
  ) async throws -> Picture {
    try await StyleTransfer(
      content: photo, styles: [painting], options: options,
      network: ShippedNetwork.network(.average)
    ).run().picture()
  }

  @Test(arguments: [StartImage.recolored, .content, .noise, .blend(noiseRatio: 0.5), .style])
  func everyStart(start: StartImage) async throws {
    let options = TransferOptions(iterations: 3, scales: 1, start: start)
    let picture = try await result(gray(1), gray(2), options)
    #expect(isGray(picture))
    #expect(picture != gray(1))
    var random = SmallRandom(9)
    let painting = Picture(pixels: random.tensor([36, 40, 3], in: 0...1))
    #expect(!isGray(try await result(gray(1), painting, options)))
    #expect(!isGray(try await result(painting, gray(1), options)))
  }

  @Test func aColoredStart() async throws {
    var random = SmallRandom(3)
    let start = Picture(pixels: random.tensor([36, 40, 3], in: 0...1))
    #expect(
      isGray(
        try await result(gray(1), gray(2), TransferOptions(iterations: 2, start: .picture(start)))))
  }

  @Test(arguments: [OptimizerChoice.adam(), .gradientDescent(learningRate: 1e-6)])
  func everyOptimizer(optimizer: OptimizerChoice) async throws {
    let options = TransferOptions(optimizer: optimizer, iterations: 2, start: .noise)
    #expect(isGray(try await result(gray(1), gray(2), options)))
  }

  @Test(arguments: ColorMethod.allCases)
  func everyColorMethod(method: ColorMethod) async throws {
    #expect(
      isGray(try await result(gray(1), gray(2), TransferOptions(iterations: 2, color: method))))
  }

  @Test func transparentPicturesAndScales() async throws {
    let alpha = Tensor(shape: [36, 40], elements: (0..<36 * 40).map { $0 % 40 < 30 ? 1 : 0 })
    let picture = try await result(
      gray(1, alpha: alpha), gray(2, alpha: alpha), TransferOptions(iterations: 4, scales: 2))
    #expect(isGray(picture) && picture.alpha == alpha)
  }

  /// The losses are those of the result, and invisible colors do not make a picture colored.
  @Test func lossesAreThoseOfTheGrayResult() async throws {
    let options = TransferOptions(iterations: 4, scales: 1, margin: 0)
    let step = try await StyleTransfer(
      content: gray(1), styles: [gray(2)], options: options,
      network: ShippedNetwork.network(.average)
    ).run()
    let objective = try Objective(
      photo: gray(1).pixels, contentLayers: .defaultContent(of: .vgg16),
      style: StyleTarget(
        painting: gray(2).pixels, layers: .defaultStyle(of: .vgg16),
        network: ShippedNetwork.network(.average)),
      weights: options.weights, network: ShippedNetwork.network(.average))
    let losses = objective.losses(try step.picture().pixels.elements)
    #expect(relativeError(losses.total, step.losses.total) < 1e-5)
    var elements = gray(1).pixels.elements
    elements[0] = elements[1] + 0.5
    var opacity = [Float](repeating: 1, count: 36 * 40)
    #expect(!Picture(pixels: Tensor(shape: [36, 40, 3], elements: elements)).isGray)
    opacity[0] = 0
    #expect(
      Picture(
        pixels: Tensor(shape: [36, 40, 3], elements: elements),
        alpha: Tensor(shape: [36, 40], elements: opacity)
      ).isGray)
  }
}
