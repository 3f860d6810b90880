import Engine
import Files
import Foundation
import Impasto
import NetworkStore
import Networks
import Pictures
import TestSupport
import Testing
import Training

/// Gradients of a training, and runs that are stopped and continued.
@Suite struct TrainingRunTests {
  private let set: PhotoSet
  private let photos: PhotoFolder
  private let style: TrainingStyle
  private var options = TrainingOptions()

  init() throws {
    set = try PhotoSet()
    for name in ["a.png", "b.png", "c.png"] { try set.add(name, width: 50, height: 44) }
    photos = try PhotoFolder(set.path, side: 32, least: 1)
    var random = SmallRandom(3)
    let painting = Picture(pixels: random.tensor([40, 48, 3], in: 0...1))
    style = TrainingStyle(painting, name: "p", source: "p.png", digest: "1")
    (options.size, options.batch, options.steps) = (32, 3, 8)
    (options.baseChannels, options.styleSize) = (4, 48)
    // Each of the losses counts.
    (options.contentWeight, options.styleWeight, options.tvWeight) = (1, 2, 0.5)
  }

  private func network(_ run: TrainingRun) async throws -> [String: Tensor] {
    try await run.network().weights
  }

  private func run(
    _ options: TrainingOptions, threads: Int? = nil, from checkpoint: TrainingCheckpoint? = nil
  ) throws -> TrainingRun {
    try TrainingRun(options, styles: [style], photos: photos, threads: threads, from: checkpoint)
  }

  /// The gradient of the mean loss is that of central differences, along itself and along random
  /// directions.
  @Test(arguments: [StyleLoss.gram, .wasserstein])
  func gradientsAreThoseOfDifferences(loss: StyleLoss) throws {
    defer { set.remove() }
    var options = options
    options.styleLoss = loss
    let workspace = try Workspace(kernels: .chosen())
    let network = try FeatureNetwork(StyleTransfer.defaultNetwork)
    let layers = try LayerWeights(
      parsing: options.styleLayers, architecture: network.architecture)
    let target = try StyleTarget(
      painting: style.painting.pixels, layers: layers, network: network)
    let other = try StyleTarget(
      painting: samplePainting(9).pixels, layers: layers, network: network)
    let trainer = try Trainer(
      options, styles: [target, other], network: network, workspace: workspace)
    let samples = try SampleSource(photos, options).samples(step: 0)
    // Losses are reported without the limit of the style loss.
    trainer.styleThreshold = .infinity
    let gradient = trainer.differentiate(samples, step: 0).gradient.elements
    let values = trainer.parameters.values.elements
    let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(length > 0)
    var random = SmallRandom(5)
    // A random direction that has a part along the gradient: others have next to no slope.
    let noise = gradient.map { _ in Float.random(in: -1...1, using: &random) }
    let noiseLength = noise.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let directions = [
      gradient.map { $0 / Float(length) },
      zip(gradient, noise).map { $0 / Float(length) + $1 / Float(noiseLength) },
    ]
    for direction in directions {
      let slope = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      func loss(_ step: Float) -> Double {
        for index in values.indices {
          trainer.parameters.values.pointer[index] = values[index] + step * direction[index]
        }
        trainer.parameters.invalidate()
        return trainer.differentiate(samples, step: 0).losses.total
      }
      let step: Float = 2e-3
      let difference = (loss(step) - loss(-step)) / Double(2 * step)
      #expect(abs(difference - slope) < 0.02 * abs(slope), "\(difference) \(slope)")
    }
  }

  private func samplePainting(_ seed: UInt64) -> Picture {
    var random = SmallRandom(seed)
    return Picture(pixels: random.tensor([40, 48, 3], in: 0...1))
  }

  private func namedStyle(_ name: String, _ seed: UInt64) -> TrainingStyle {
    TrainingStyle(samplePainting(seed), name: name, source: "\(name).png", digest: "\(seed)")
  }

  /// Styles that are added to a network change none of its own weights.
  @Test func addedStylesLeaveTheNetwork() async throws {
    defer { set.remove() }
    let first = try TrainingRun(
      options, styles: [style, namedStyle("q", 5)], photos: photos)
    while try await first.next() != nil {}
    let network = try await first.network()
    #expect(network.styles == .several(2) && network.styleNames == ["p", "q"])
    // Each style was drawn, so each has rows of its own.
    let scales = network.weights["in1.weight"]!
    #expect(scales.shape == [2, 4] && scales.elements.prefix(4) != scales.elements.suffix(4))

    var options = options
    options.addsStyles = true
    #expect(throws: SettingError.self) { try TrainingRun(options, styles: [style], photos: photos) }
    let start = try TrainingStart(network, source: "n.safetensors", digest: "n")
    let second = try TrainingRun(
      options, styles: [namedStyle("r", 6)], start: start, photos: photos)
    let before = try await second.network()
    while try await second.next() != nil {}
    let added = try await second.network()
    #expect(added.styles == .several(3) && added.styleNames == ["p", "q", "r"])
    for (name, tensor) in network.weights {
      let own = added.weights[name]!
      if name.contains("conv2d") {
        #expect(zip(own.elements, tensor.elements).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
        continue
      }
      let (count, channels) = (tensor.elements.count, tensor.shape[1])
      #expect(Array(own.elements.prefix(count)) == tensor.elements, "\(name)")
      // A new row begins as the mean of the others.
      let mean = (0..<channels).map { (tensor.elements[$0] + tensor.elements[channels + $0]) / 2 }
      let fresh = before.weights[name]!.elements.suffix(channels)
      #expect(zip(fresh, mean).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
      #expect(Array(own.elements.suffix(channels)) != Array(fresh), "\(name)")
    }
    let path = "\(set.path)/c.checkpoint"
    try await second.writeCheckpoint(to: path)
    let checkpoint = try TrainingCheckpoint(path: path)
    let error = #expect(throws: TrainingError.self) {
      try TrainingRun(
        options, styles: [namedStyle("r", 6)],
        start: TrainingStart(network, source: "m.safetensors", digest: "m"), photos: photos,
        from: checkpoint)
    }
    #expect(error!.description.contains("m.safetensors is another network"))
  }

  /// A training from a network begins with its picture.
  @Test func aTrainingStartsFromANetwork() async throws {
    defer { set.remove() }
    let network = try StylizerNetwork(path: StylizerFiles.path("johnson.pth"))
    let start = try TrainingStart(network, source: "johnson.pth", digest: "n")
    let run = try TrainingRun(options, styles: [style], start: start, photos: photos)
    let begun = try await run.network()
    #expect(begun.styles == .single && Set(begun.weights.keys) == Set(network.weights.keys))
    for (name, tensor) in network.weights {
      #expect(
        zip(begun.weights[name]!.elements, tensor.elements).allSatisfy {
          abs($0 - $1) <= 1e-6 * abs($1)
        }, "\(name)")
    }
    let arbitrary = try StylizerNetwork.shipped(TrainedStyles.arbitrary)
    #expect(throws: SettingError.self) {
      try TrainingStart(arbitrary, source: "any-painting", digest: "a")
    }
  }

  @Test func trainingLowersTheLoss() async throws {
    defer { set.remove() }
    var options = options
    (options.steps, options.batch, options.learningRate) = (40, 1, 1e-2)
    let run = try run(options)
    var losses: [Double] = []
    while let step = try await run.next() { losses.append(step.losses.total) }
    #expect(losses.count == 40)
    let (first, last) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
    #expect(last < 0.8 * first)
  }

  /// A run that continues from a checkpoint ends like one that was never stopped, with any number
  /// of threads.
  @Test(arguments: [1, 3])
  func checkpointsContinueExactly(threads: Int) async throws {
    defer { set.remove() }
    let whole = try run(options)
    while try await whole.next() != nil {}
    let first = try run(options, threads: threads)
    for _ in 0..<3 { _ = try await first.next() }
    let path = "\(set.path)/c.checkpoint"
    try await first.writeCheckpoint(to: path)
    let checkpoint = try TrainingCheckpoint(path: path)
    #expect(checkpoint.step == 3)
    #expect(checkpoint.options == options)
    let second = try run(options, threads: threads, from: checkpoint)
    var numbers: [Int] = []
    while let step = try await second.next() { numbers.append(step.number) }
    #expect(numbers == [4, 5, 6, 7, 8])
    let (a, b) = try await (network(whole), network(second))
    #expect(a == b)
  }

  @Test func checkpointsOfOtherTrainingsNameTheDifferences() async throws {
    defer { set.remove() }
    let path = "\(set.path)/c.checkpoint"
    try await run(options).writeCheckpoint(to: path)
    let checkpoint = try TrainingCheckpoint(path: path)
    var other = options
    (other.batch, other.styleWeight) = (2, 7)
    let error = #expect(throws: TrainingError.self) { try run(other, from: checkpoint) }
    #expect(error!.description.contains("batch is 2, and was 3; style-weight is 7.0, and was 2.0"))
    #expect(throws: TrainingError.self) {
      try TrainingRun(
        options, styles: [TrainingStyle(style.painting, name: "p", source: "q.png", digest: "2")],
        photos: photos, from: checkpoint)
    }
    try set.add("d.png")
    #expect(throws: TrainingError.self) {
      try TrainingRun(
        options, styles: [style], photos: PhotoFolder(set.path, side: 32, least: 1),
        from: checkpoint)
    }
  }

  @Test func damagedCheckpointsAreErrors() async throws {
    defer { set.remove() }
    let path = "\(set.path)/c.checkpoint"
    try await run(options).writeCheckpoint(to: path)
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(throws: (any Error).self) { try TrainingCheckpoint(path: path) }
    let network = StylizerFiles.path("johnson.pth")
    #expect(throws: TrainingError.self) { try TrainingCheckpoint(path: network) }
  }

  @Test func lossesThatAreNotFiniteEndTheTraining() async throws {
    defer { set.remove() }
    var options = options
    options.learningRate = 1e30
    let run = try run(options)
    var good = try await network(run)
    await #expect(throws: TrainingError.self) {
      while try await run.next() != nil { good = try await network(run) }
    }
    let last = try await network(run)
    #expect(good == last)
  }

  @Test func impossibleSettingsAreErrors() throws {
    defer { set.remove() }
    let changes: [(inout TrainingOptions) -> Void] = [
      { $0.size = 30 }, { $0.size = 16 }, { $0.batch = 0 }, { $0.steps = -1 },
      { $0.learningRate = .nan }, { $0.styleWeight = -1 }, { $0.baseChannels = 0 },
      { $0.styleLayers = "conv9_9" }, { $0.model = "none" },
    ]
    for change in changes {
      var options = options
      change(&options)
      #expect(throws: (any Error).self) { try run(options) }
    }
  }
}
