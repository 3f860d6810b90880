import Engine
import Impasto
import Pictures
import TestSupport
import Testing

/// Tests masks, protected parts, textures and reconstructions in complete transfers.
@Suite struct RegionTests {
  private let photo: Picture
  private let painting: Picture
  private let network = ShippedNetwork.network(.average)

  init() {
    var random = SmallRandom(31)
    photo = Picture(pixels: random.tensor([33, 40, 3], in: 0.2...0.8))
    painting = Picture(pixels: random.tensor([24, 32, 3], in: 0...1))
  }

  /// A mask with white columns at the left.
  private func mask(_ size: PixelSize, whiteColumns: Int) -> Mask {
    Mask(
      Picture(
        pixels: Tensor(
          shape: [size.height, size.width, 3],
          elements: (0..<size.height * size.width).flatMap { i -> [Float] in
            Array(repeating: i % size.width < whiteColumns ? 1 : 0, count: 3)
          })))
  }

  @Test(arguments: [1, 2])
  func aProtectedPartStaysUnchanged(scales: Int) async throws {
    let step = try await StyleTransfer(
      content: photo, styles: [Style(painting)], protected: mask(photo.size, whiteColumns: 15),
      options: TransferOptions(iterations: 4, scales: scales), network: network
    ).run()
    let (before, after) = (photo.pixels.elements, try step.picture().pixels.elements)
    var changes = 0
    for i in before.indices {
      let column = i / 3 % photo.width
      if column < 15 {
        #expect(after[i] == before[i])
      } else if after[i] != before[i] {
        changes += 1
      }
    }
    #expect(changes > before.count / 2)
  }

  /// Without total variation only the content loss acts outside of the mask, and its minimum is the
  /// photo.
  @Test func aMaskedStyleChangesItsRegion() async throws {
    let weights = Objective.Weights(content: 1, style: 1000, totalVariation: 0)
    let step = try await StyleTransfer(
      content: photo,
      styles: [Style(painting, photoMask: mask(photo.size, whiteColumns: 12))],
      options: TransferOptions(weights: weights, iterations: 6, scales: 1, margin: 0),
      network: network
    ).run()
    let (before, after) = (photo.pixels.elements, try step.picture().pixels.elements)
    func change(_ columns: Range<Int>) -> Float {
      let indices = before.indices.filter { columns.contains($0 / 3 % photo.width) }
      return indices.reduce(0) { $0 + abs(after[$1] - before[$1]) } / Float(indices.count)
    }
    #expect(change(0..<10) > 5 * change(30..<40))
  }

  @Test func masksInTwoPartsTakeTwoStyles() async throws {
    let left = mask(photo.size, whiteColumns: 20)
    let other = Picture(pixels: Tensor(shape: [32, 32, 3], repeating: 0.9))
    let step = try await StyleTransfer(
      content: photo,
      styles: [
        Style(
          painting, photoMask: left,
          paintingMask: mask(painting.size, whiteColumns: 16)),
        Style(other, weight: 2),
      ], options: TransferOptions(iterations: 3, scales: 1), network: network
    ).run()
    #expect(step.losses.style > 0 && step.losses.total.isFinite)
  }

  @Test func aContentIsReconstructedWithoutAStyle() async throws {
    let layers = try LayerWeights(parsing: "conv1_1", architecture: .vgg16)
    let options = TransferOptions(
      contentLayers: layers, weights: .init(content: 1, style: 0, totalVariation: 0),
      iterations: 120, margin: 0, start: .noise)
    let step = try await StyleTransfer(
      content: photo, styles: [Style](), options: options, network: network
    ).run()
    // conv1_1 retains almost all information about the photo.
    let error = zip(try step.picture().pixels.elements, photo.pixels.elements).reduce(0) {
      $0 + abs($1.0 - $1.1)
    }
    #expect(error / Float(photo.pixels.elements.count) < 0.03)
    #expect(step.losses.style == 0)
    for start in [StartImage.recolored, .style] {
      var options = options
      options.start = start
      #expect(throws: SettingError.self) {
        try StyleTransfer(content: photo, styles: [Style](), options: options, network: network)
      }
    }
  }

  @Test func aTransferStartsFromThePaintingsMiddle() async throws {
    let transfer = try StyleTransfer(
      content: photo, styles: [painting],
      options: TransferOptions(
        styleSize: .longestSide(32), iterations: 1, margin: 0, start: .style), network: network)
    let task = Task {
      withUnsafeCurrentTask { $0!.cancel() }
      return try await transfer.run().picture()
    }
    let start = try await task.value
    #expect(start == (try painting.covering(photo.size)))
    #expect(start.size == photo.size)
  }
}
