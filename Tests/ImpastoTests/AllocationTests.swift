import Engine
import Impasto
import Networks
import Pictures
import TestSupport
import Testing

/// Evaluations after the first and iterations after the second allocate nothing, with every
/// padding, pooling, optimizer and division of the photo.
@Suite struct AllocationTests {
  struct Setup: Sendable, CustomStringConvertible {
    let padding: Padding
    let pooling: Pooling
    let division: Division

    var description: String { "\(padding) \(pooling) \(division)" }

    static let all = Padding.allCases.flatMap { padding in
      Pooling.allCases.flatMap { pooling in
        Division.allCases.map { Setup(padding: padding, pooling: pooling, division: $0) }
      }
    }
  }

  /// The parts that the photo has.
  enum Division: CaseIterable {
    case whole, masked, regions, transparent, protected
  }

  private static let optimizers: [OptimizerChoice] = [
    .lbfgs(), .adam(), .gradientDescent(learningRate: 1e-7),
  ]

  /// Few layers, which prepare quickly; what differs between the setups is in the first ones.
  private static func layers(_ list: String) throws -> LayerWeights {
    try LayerWeights(parsing: list, architecture: .vgg16)
  }

  private static func picture(_ seed: UInt64) -> Picture {
    var random = SmallRandom(seed)
    return Picture(pixels: random.tensor([40, 36, 3], in: 0...1))
  }

  /// The upper rows, or the lower ones.
  private static func mask(isUpper: Bool) -> Mask {
    Mask(
      Picture(
        pixels: Tensor(
          shape: [40, 36, 3], elements: (0..<40 * 36 * 3).map { ($0 < 2000) == isUpper ? 1 : 0 })))
  }

  private static func masks(_ division: Division) -> [Mask?] {
    switch division {
    case .masked: [mask(isUpper: true)]
    case .regions: [mask(isUpper: true), mask(isUpper: false)]
    case .whole, .transparent, .protected: [nil]
    }
  }

  @Test(arguments: Setup.all, StyleLoss.allCases)
  func evaluationsAllocateNothing(setup: Setup, styleLoss: StyleLoss) throws {
    let account = MemoryAccount()
    try FloatBuffer.$account.withValue(account) {
      let network = try ShippedNetwork.network(setup.pooling, setup.padding)
      let target = try StyleTarget(
        painting: Self.picture(1).pixels, layers: Self.layers("conv1_1,conv3_1"), network: network)
      let objective = try Objective(
        photo: Self.picture(2).pixels,
        visible: setup.division == .transparent ? Self.mask(isUpper: true) : nil,
        contentLayers: Self.layers("conv2_2"),
        style: Self.masks(setup.division).map { StyleRegion(target, mask: $0) },
        weights: .init(content: 1, style: 100, totalVariation: 1), styleLoss: styleLoss,
        network: network)
      let image = Self.picture(3).pixels.elements
      var gradient = [Float](repeating: 0, count: image.count)
      _ = objective.losses(image, gradient: &gradient)
      let first = (account.allocations, account.highWaterMark)
      for _ in 0..<2 { _ = objective.losses(image, gradient: &gradient) }
      #expect((account.allocations, account.highWaterMark) == first)
    }
  }

  /// The second iteration may add one picture for the step that a caller holds.
  @Test(arguments: Setup.all, optimizers)
  func iterationsAllocateNothing(setup: Setup, optimizer: OptimizerChoice) async throws {
    let account = MemoryAccount()
    try await FloatBuffer.$account.withValue(account) {
      let isTransparent = setup.division == .transparent
      let transfer = try StyleTransfer(
        content: Self.picture(2).withAlpha(
          isTransparent ? Self.mask(isUpper: true).values : nil),
        styles: Self.masks(setup.division).map { Style(Self.picture(1), photoMask: $0) },
        protected: setup.division == .protected ? Self.mask(isUpper: true) : nil,
        options: TransferOptions(
          contentLayers: Self.layers("conv2_2"), styleLayers: Self.layers("conv1_1,conv3_1"),
          optimizer: optimizer, iterations: 7, scales: 1, margin: 0),
        network: ShippedNetwork.network(setup.pooling, setup.padding))
      var last: TransferStep?
      var second: (allocations: Int, highWaterMark: Int)?
      for try await step in transfer.steps() {
        last = step
        let now = (account.allocations, account.highWaterMark)
        if step.iteration == 2 { second = now }
        if let second, step.status == .running { #expect(now == second) }
      }
      #expect(last?.iteration == 7 && second!.allocations > 0)
    }
  }
}
