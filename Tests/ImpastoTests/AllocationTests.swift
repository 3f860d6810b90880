import Engine
import Impasto
import Networks
import Pictures
import TestSupport
import Testing

/// Evaluations after the first allocate nothing, with every padding, with and without masks.
@Suite struct AllocationTests {
  private static func picture(_ seed: UInt64) -> Tensor {
    var random = SmallRandom(seed)
    return random.tensor([40, 36, 3], in: 0...1)
  }

  @Test(arguments: Padding.allCases, [false, true])
  func evaluationsAllocateNothing(padding: Padding, isMasked: Bool) throws {
    let account = MemoryAccount()
    try FloatBuffer.$account.withValue(account) {
      let network = try ShippedNetwork.network(.average, padding)
      let target = try StyleTarget(
        painting: Self.picture(1), layers: .defaultStyle(of: network.architecture),
        network: network)
      let mask = Mask(
        Picture(
          pixels: Tensor(
            shape: [40, 36, 3], elements: (0..<40 * 36 * 3).map { $0 < 2000 ? 1 : 0 })))
      let objective = try Objective(
        photo: Self.picture(2), contentLayers: .defaultContent(of: network.architecture),
        style: [StyleRegion(target, mask: isMasked ? mask : nil)],
        weights: .init(content: 1, style: 100, totalVariation: 1), network: network)
      let image = Self.picture(3).elements
      var gradient = [Float](repeating: 0, count: image.count)
      _ = objective.losses(image, gradient: &gradient)
      let first = (account.allocations, account.highWaterMark)
      for _ in 0..<2 { _ = objective.losses(image, gradient: &gradient) }
      #expect((account.allocations, account.highWaterMark) == first)
    }
  }
}
