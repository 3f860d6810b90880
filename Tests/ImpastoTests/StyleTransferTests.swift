import Engine
import Impasto
import Pictures
import TestSupport
import Testing

@Suite struct StyleTransferTests {
  private let photo: Picture
  private let painting: Picture

  init() {
    var random = SmallRandom(21)
    photo = Picture(
      pixels: random.tensor([33, 40, 3], in: 0.2...0.8),
      alpha: Tensor(shape: [33, 40], repeating: 0.5))
    painting = Picture(pixels: random.tensor([24, 32, 3], in: 0...1))
  }

  private func transfer(_ options: TransferOptions) throws -> StyleTransfer {
    try StyleTransfer(
      content: photo, styles: [painting], options: options,
      network: ShippedNetwork.network(.average))
  }

  private static let optimizers: [OptimizerChoice] = [
    .lbfgs(), .adam(), .gradientDescent(learningRate: 0.05),
  ]

  @Test(arguments: optimizers)
  func stepsLowerTheLossAndStayInRange(optimizer: OptimizerChoice) async throws {
    var steps: [TransferStep] = []
    for try await step in try transfer(TransferOptions(optimizer: optimizer, iterations: 8)).steps()
    {
      steps.append(step)
      #expect(try step.picture().pixels.elements.allSatisfy { (0...1).contains($0) })
    }
    #expect(steps.map(\.iteration) == Array(1...8))
    #expect(steps.last!.losses.total < steps.first!.losses.total)
    #expect(steps.map(\.status) == Array(repeating: .running, count: 7) + [.finished])
    #expect(steps.last!.evaluations >= 9)
    #expect(try steps.last!.picture().alpha == photo.alpha)
  }

  /// Computes the losses of a step's picture again.
  private func losses(of step: TransferStep, _ options: TransferOptions) throws -> Losses {
    let network = ShippedNetwork.network(.average)
    let objective = try Objective(
      photo: photo.pixels, visible: photo.visiblePart, contentLayers: .defaultContent(of: .vgg16),
      style: StyleTarget(
        painting: painting.pixels, layers: .defaultStyle(of: .vgg16), network: network),
      weights: options.weights, network: network)
    return objective.losses(try step.picture().pixels.elements)
  }

  /// The reported losses are those of the step's picture.
  @Test(arguments: optimizers)
  func lossesBelongToThePicture(optimizer: OptimizerChoice) async throws {
    let options = TransferOptions(
      optimizer: optimizer, iterations: 3, margin: 0, start: .noise, seed: 3)
    let step = try await transfer(options).run()
    let losses = try losses(of: step, options)
    #expect(relativeError(losses.total, step.losses.total) < 1e-6)
  }

  /// All memory is allocated by the first iterations: the second may add one picture for the steps
  /// that a caller holds.
  @Test(arguments: optimizers)
  func iterationsAllocateNothing(optimizer: OptimizerChoice) async throws {
    let account = MemoryAccount()
    try await FloatBuffer.$account.withValue(account) {
      var last: TransferStep?
      var planned: (allocations: Int, highWaterMark: Int)?
      let options = TransferOptions(optimizer: optimizer, iterations: 16)
      for try await step in try transfer(options).steps() {
        last = step
        let now = (account.allocations, account.highWaterMark)
        if step.iteration == 2 { planned = now }
        if let planned, step.status == .running { #expect(now == planned) }
      }
      #expect(last?.iteration == 16)
      #expect(planned!.allocations > 0 && planned!.highWaterMark > 33 * 40 * 3 * 4)
    }
  }

  /// A referenced step keeps its picture while the memory of other steps is reused.
  @Test func heldStepsKeepTheirPictures() async throws {
    var steps: [TransferStep] = []
    var pictures: [Picture] = []
    for try await step in try transfer(TransferOptions(iterations: 6)).steps() {
      steps.append(step)
      pictures.append(try step.picture())
    }
    #expect(try steps.map { try $0.picture() } == pictures)
    #expect(Set(pictures.map(\.pixels.elements)).count == 6)
  }

  @Test func sameSeedSameBytes() async throws {
    func result(_ seed: UInt64) async throws -> Picture {
      try await transfer(
        TransferOptions(iterations: 2, start: .blend(noiseRatio: 0.6), seed: seed)
      ).run().picture()
    }
    let first = try await result(7)
    #expect(try await result(7) == first)
    #expect(try await result(8) != first)
  }

  /// All scales give pictures of full size, and the last scale's losses are those of its picture.
  @Test func scalesGoFromCoarseToFine() async throws {
    let options = TransferOptions(iterations: 7, scales: 2, margin: 0)
    var steps: [TransferStep] = []
    for try await step in try transfer(options).steps() { steps.append(step) }
    #expect(steps.map(\.iteration) == Array(1...7))
    #expect(try steps.allSatisfy { try $0.picture().size == photo.size })
    #expect(try steps.allSatisfy { try $0.picture().alpha == photo.alpha })
    #expect(steps[0].size == PixelSize(width: 28, height: 23))
    #expect(steps[6].size == photo.size && steps[6].status == .finished)
    let losses = try losses(of: steps[6], options)
    #expect(relativeError(losses.total, steps[6].losses.total) < 1e-6)
  }

  /// The margin is painted with the picture at every scale, and cut off the result. It makes the
  /// canvas a multiple of 8, the stride of conv4_1.
  @Test func theMarginIsPaintedAndCutOff() async throws {
    let options = TransferOptions(iterations: 6, scales: 2, margin: 6)
    var steps: [TransferStep] = []
    for try await step in try transfer(options).steps() { steps.append(step) }
    #expect(steps[0].size == PixelSize(width: 40, height: 40))
    #expect(steps[5].size == PixelSize(width: 56, height: 48))
    #expect(try steps.allSatisfy { try $0.picture().size == photo.size })
    #expect(try steps[5].picture().alpha == photo.alpha)
    var margins = Margins(8)
    (margins.top, margins.bottom) = (7, 8)
    let extended = try await StyleTransfer(
      content: photo.extended(by: margins), styles: [painting],
      options: TransferOptions(iterations: 6, scales: 1, margin: 0),
      network: ShippedNetwork.network(.average)
    ).run()
    let withMargin = try await transfer(TransferOptions(iterations: 6, scales: 1, margin: 6)).run()
    #expect(try withMargin.picture().pixels == extended.picture().cropped(by: margins).pixels)
    #expect(withMargin.losses == extended.losses)
  }

  /// Scales go down to 128 pixels for L-BFGS from the photo, but no painting goes below 64.
  @Test(arguments: [
    (127, 127, 1), (180, 150, 1), (182, 100, 2), (512, 512, 5), (512, 127, 2), (2048, 1360, 9),
    (2048, 60, 1),
  ])
  func largerPhotosHaveMoreScales(width: Int, height: Int, expected: Int) throws {
    let photo = PixelSize(width: width, height: height)
    func scales(_ options: TransferOptions, _ painting: PixelSize) -> Int {
      options.scales(
        photo: photo, paintings: [(photo, .relative(1)), (painting, options.styleSize)])
    }
    let large = PixelSize(width: 2000, height: 2000)
    #expect(scales(TransferOptions(), large) == expected)
    #expect(scales(TransferOptions(), PixelSize(width: 2000, height: 80)) == min(expected, 1))
    #expect(scales(TransferOptions(iterations: 2), large) == min(expected, 2))
    #expect(scales(TransferOptions(scales: 4), large) == 4)
    #expect(scales(TransferOptions(optimizer: .adam()), large) == 1)
    #expect(scales(TransferOptions(start: .noise), large) == 1)
  }

  /// A small painting shrinks only where the photo is smaller, as in a small result.
  @Test func strokesAreEquallyLargeInResultsOfAllSizes() {
    let (photo, painting) = (
      PixelSize(width: 4096, height: 3072), PixelSize(width: 800, height: 600)
    )
    let relative = StyleSize.relative(1)
    #expect(relative.size(of: painting, photo: photo) == painting)
    #expect(TransferOptions().scales(photo: photo, paintings: [(painting, relative)]) == 11)
    #expect(
      TransferOptions().scales(photo: photo, paintings: [(painting, .longestSide(800))]) == 7)
    func iterations(_ side: Int, _ scales: Int) -> [Int] {
      TransferOptions().iterations(
        sizes: ScalePlan.sizes(of: PixelSize(width: side, height: side), scales: scales))
    }
    #expect(iterations(512, 5) == [30, 30, 30, 30, 60])
    #expect(iterations(1024, 7) == [30, 30, 30, 30, 30, 30, 60])
    #expect(iterations(4096, 11) == iterations(1024, 7) + [30, 30, 30, 30])
    #expect(iterations(4096, 1) == [180])
  }

  /// A large result keeps the forms of the small one, however detailed the photo is.
  @Test func aLargeResultLooksLikeASmallOne() async throws {
    var random = SmallRandom(3)
    let photo = try Picture(pixels: random.tensor([9, 12, 3], in: 0...1)).resized(
      to: PixelSize(width: 1448, height: 1086))
    let detailed = Picture(
      pixels: Tensor(
        shape: photo.pixels.shape,
        elements: photo.pixels.elements.enumerated().map { $1 + ($0 / 3 % 2 == 0 ? 0.1 : -0.1) }))
    func result(_ photo: Picture) async throws -> Picture {
      try await StyleTransfer(
        content: photo, styles: [Style(photo)],
        options: TransferOptions(
          longestSide: nil, contentLayers: layers("conv2_1"), styleLayers: layers("conv1_1"),
          weights: .init(content: 1, style: 0, totalVariation: 0), iterations: 2, scales: 2),
        network: ShippedNetwork.network(.max)
      ).run().picture()
    }
    let (plain, striped) = try await (result(photo), result(detailed))
    let difference = zip(plain.pixels.elements, striped.pixels.elements).map { abs($0 - $1) }
    #expect(difference.max()! < 0.05)
  }

  private func layers(_ list: String) throws -> LayerWeights {
    try LayerWeights(parsing: list, architecture: .vgg16)
  }

  /// The plan is one iteration with 1/4 of the pixels, one with 1/2, and five with all pixels.
  @Test func progressIsInProportionToThePixels() async throws {
    var progress: [Double] = []
    let transfer = try StyleTransfer(
      content: photo, styles: [photo], options: TransferOptions(iterations: 7, scales: 3),
      network: ShippedNetwork.network(.average))
    for try await step in transfer.steps() { progress.append(step.progress) }
    let work = [0.25, 0.75, 1.75, 2.75, 3.75, 4.75, 5.75]
    #expect(zip(progress, work).allSatisfy { abs($0 - $1 / 5.75) < 1e-9 })
    #expect(progress.count == 7)
  }

  @Test func anyNumberOfIterationsCanBegin() async throws {
    for try await step in try transfer(TransferOptions(iterations: .max, scales: 2)).steps() {
      #expect(step.iteration == 1 && step.status == .running)
      break
    }
  }

  @Test func halfTheSideIsTwoScalesAway() {
    let sizes = ScalePlan.sizes(of: PixelSize(width: 400, height: 300), scales: 4)
    #expect(sizes.map(\.width) == [141, 200, 283, 400])
    #expect(sizes.map(\.height) == [106, 150, 212, 300])
  }

  @Test func cancellationEndsWithAMarkedStep() async throws {
    let transfer = try transfer(TransferOptions(iterations: 10_000))
    let task = Task {
      var statuses: [TransferStep.Status] = []
      for try await step in transfer.steps() {
        statuses.append(step.status)
        if step.iteration == 2 { withUnsafeCurrentTask { $0!.cancel() } }
      }
      return statuses
    }
    #expect(try await task.value == [.running, .running, .cancelled])
  }

  @Test func aTaskThatIsCanceledBeforeItsStartGivesTheStart() async throws {
    let transfer = try transfer(TransferOptions(iterations: 5, start: .content))
    let task = Task {
      withUnsafeCurrentTask { $0!.cancel() }
      return try await transfer.run()
    }
    let step = try await task.value
    #expect(step.status == .cancelled && step.iteration == 0)
    #expect(try step.picture().pixels == photo.pixels)
  }

  @Test func startImagesMatchTheirDescriptions() async throws {
    func start(_ start: StartImage) async throws -> [Float] {
      let transfer = try transfer(TransferOptions(iterations: 1, margin: 0, start: start))
      let task = Task {
        withUnsafeCurrentTask { $0!.cancel() }
        return try await transfer.run().picture().pixels.elements
      }
      return try await task.value
    }
    let noise = try await start(.noise)
    let mean: [Float] = [123.68 / 255, 116.779 / 255, 103.939 / 255]
    #expect(noise.indices.allSatisfy { abs(noise[$0] - mean[$0 % 3]) <= 20.001 / 255 })
    #expect(Set(noise).count > noise.count / 2)
    let blend = try await start(.blend(noiseRatio: 0.25))
    #expect(
      blend.indices.allSatisfy {
        abs(blend[$0] - 0.75 * photo.pixels.elements[$0] - 0.25 * noise[$0]) < 1e-6
      })
    let resized = try painting.resized(to: photo.size).pixels.elements
    #expect(try await start(.picture(painting)) == resized)
    let halfway = photo.recolored(to: ColorStatistics(of: painting), amount: 0.5)
    #expect(try await start(.recolored) == halfway.pixels.elements)
  }

  /// A luminance transfer equals a transfer between gray pictures plus the photo's chroma.
  @Test func luminanceTransferIsOneInGray() async throws {
    let color = try await transfer(TransferOptions(iterations: 2, color: .luminance)).run()
    let gray = try await StyleTransfer(
      content: photo.gray, styles: [painting.grayMatched(to: photo)],
      options: TransferOptions(iterations: 2), network: ShippedNetwork.network(.average)
    ).run()
    #expect(color.losses == gray.losses)
    #expect(try color.picture() == gray.picture().withChroma(of: photo))
  }

  @Test(arguments: [ColorMethod.histogram, .cholesky, .pca])
  func theOtherMethodsRecolorThePainting(method: ColorMethod) async throws {
    let step = try await transfer(TransferOptions(iterations: 2, color: method)).run()
    let recolored = try await StyleTransfer(
      content: photo, styles: [painting.recolored(like: photo, method)],
      options: TransferOptions(iterations: 2), network: ShippedNetwork.network(.average)
    ).run()
    #expect(try step.picture() == recolored.picture())
  }

  @Test func sizesFollowTheOptions() async throws {
    let small = try await transfer(TransferOptions(longestSide: 24, iterations: 1)).run().picture()
    #expect(small.size == PixelSize(width: 24, height: 20))
    #expect(
      StyleSize.relative(0.5).size(of: PixelSize(width: 100, height: 50), photo: photo.size).width
        == 20)
    #expect(
      StyleSize.relative(1e300).size(of: painting.size, photo: photo.size) == painting.size)
    #expect(StyleSize.relative(9).size(of: painting.size, photo: photo.size) == painting.size)
    #expect(StyleSize.longestSide(64).size(of: painting.size, photo: photo.size).width == 64)
  }

  @Test func overflowStopsWithAnError() async throws {
    let weights = Objective.Weights(content: 1, style: 1e308, totalVariation: 0)
    let transfer = try transfer(TransferOptions(weights: weights, iterations: 3))
    await #expect(throws: OptimizerError.notFinite) { try await transfer.run() }
  }

  @Test func impossibleTransfersAreErrors() throws {
    let network = ShippedNetwork.network(.average)
    #expect(throws: SettingError.self) {
      try StyleTransfer(content: photo, styles: [Picture](), network: network)
    }
    #expect(throws: SettingError.self) {
      try StyleTransfer(content: photo, styles: [painting], styleWeights: [1, 2], network: network)
    }
    #expect(throws: SettingError.self) { try transfer(TransferOptions(iterations: 0)) }
    #expect(throws: SettingError.self) { try transfer(TransferOptions(scales: 0)) }
    #expect(throws: SettingError.self) { try transfer(TransferOptions(margin: -1)) }
    #expect(throws: SettingError.self) { try transfer(TransferOptions(margin: .max)) }
    #expect(throws: SettingError.self) { try transfer(TransferOptions(iterations: 2, scales: 3)) }
    #expect(throws: NetworkError.self) { try transfer(TransferOptions(scales: 9)) }
  }
}
