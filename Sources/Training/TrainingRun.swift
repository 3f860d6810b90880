import Engine
import Files
import Foundation
import Impasto
import NetworkStore
import Networks
import Pictures

/// One run of a training, step by step.
///
///     let run = try TrainingRun(options, styles: [style], photos: folder)
///     while let step = try await run.next() { print(step.number, step.losses.total) }
///     let network = try await run.network()
///
/// It is an actor on its own queue, because a step keeps all cores busy.
public actor TrainingRun {
  private let executor = QueueExecutor(label: "impasto.training")
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// The settings.
  public nonisolated let options: TrainingOptions
  private let styles: [TrainingStyle]
  private let start: TrainingStart?
  private let photos: PhotoFolder
  private let source: SampleSource
  private let collective: any Collective
  private let trainer: Trainer
  private let workspace: Workspace
  private let beginning = ContinuousClock.now
  private let earlierSeconds: Double
  private var step: Int
  /// The samples of the next step, which are decoded during the current one.
  private var upcoming: Task<[[Float]], any Error>?

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - styles: the paintings, at least one. Several give a network of several styles (Dumoulin,
  ///     Shlens and Kudlur 2017, "A learned representation for artistic style").
  ///   - start: the network that the training starts from; nil for random weights.
  ///   - threads: the number of threads; nil for all processors that may be used. It does not change
  ///     the result.
  ///   - checkpoint: the state to continue from; nil to begin with random parameters.
  /// - Throws: `SettingError`, `PictureError`, `NetworkError`, `ModelFileError`, and
  ///   `TrainingError.otherSettings`.
  public init(
    _ options: TrainingOptions, styles: [TrainingStyle], start: TrainingStart? = nil,
    photos: PhotoFolder, threads: Int? = nil, from checkpoint: TrainingCheckpoint? = nil
  ) throws {
    try self.init(
      options, styles: styles, start: start, photos: photos, threads: threads, from: checkpoint,
      collective: SingleProcess())
  }

  /// Prepares a training whose batches are shared by processes.
  package init(
    _ options: TrainingOptions, styles: [TrainingStyle], start: TrainingStart?,
    photos: PhotoFolder, threads: Int?, from checkpoint: TrainingCheckpoint?,
    collective: any Collective
  ) throws {
    try options.check()
    guard collective.count <= options.batch else {
      throw SettingError(
        "batch", value: "\(options.batch)",
        problem: "must be at least the number of processes, \(collective.count).")
    }
    self.collective = collective
    guard !options.addsStyles || start != nil else {
      throw SettingError(
        "add-style", problem: "needs the network to which the styles are added.")
    }
    (self.options, self.styles, self.start, self.photos) = (options, styles, start, photos)
    workspace = try Workspace(
      kernels: .chosen(),
      threads: threads ?? max(1, ProcessorCount.available / collective.localCount))
    let network = try options.featureNetwork()
    let targets = try styles.map { [workspace] style in
      try options.target(style.painting, network: network, workspace: workspace)
    }
    trainer = try Trainer(
      options, styles: targets, start: start, network: network, workspace: workspace,
      collective: collective)
    source = SampleSource(photos, options)
    step = checkpoint?.step ?? 0
    earlierSeconds = checkpoint?.seconds ?? 0
    guard let checkpoint else { return }
    try checkpoint.check(options, styles, start, photos)
    try trainer.restore(checkpoint.values, checkpoint.optimizer)
  }

  /// The seconds of the training, with those before a checkpoint.
  public var seconds: Double { (ContinuousClock.now - beginning) / .seconds(1) + earlierSeconds }

  /// Whether all steps have run.
  public var isComplete: Bool { step == options.steps }

  /// Whether rank 0 continues.
  package func continues(_ own: Bool) -> Bool { collective.agreed(own) }

  /// Runs one more step; returns nil after the last.
  ///
  /// - Throws: `TrainingError`; the parameters are then those of the step before.
  public func next() async throws -> TrainingStep? {
    guard step < options.steps else { return nil }
    let began = ContinuousClock.now
    let samples = try await (upcoming ?? samples(step)).value
    let waited = (ContinuousClock.now - began) / .seconds(1)
    upcoming = step + 1 < options.steps ? self.samples(step + 1) : nil
    let losses = try trainer.step(samples, step: step)
    step += 1
    return TrainingStep(
      number: step, losses: losses, learningRate: options.learningRate(step: step - 1),
      seconds: seconds, waited: waited, broken: source.newBroken(),
      epoch: epoch(endingWith: step))
  }

  private func samples(_ step: Int) -> Task<[[Float]], any Error> {
    Task.detached { [source, share = trainer.share] in
      try source.samples(step: step, share: share)
    }
  }

  /// The number of the epoch that ended in a step, from 1; nil if none did.
  private func epoch(endingWith step: Int) -> Int? {
    let (before, after) = (
      (step - 1) * options.batch / photos.count, step * options.batch / photos.count
    )
    return after > before ? after : nil
  }

  /// Writes the state after the last step.
  ///
  /// - Parameter record: the folder of the training's record, if it has one.
  /// - Throws: `FileError.unwritable`.
  public func writeCheckpoint(to path: String, record: String? = nil) throws {
    let checkpoint = TrainingCheckpoint(
      options: options, styles: styles, start: start, photos: photos, step: step,
      seconds: seconds, record: record, values: trainer.parameters.values,
      optimizer: trainer.optimizer.state)
    try checkpoint.write(to: path)
  }

  /// The network after the last step, with the names of its styles.
  public func network() throws -> StylizerNetwork {
    let kept = options.addsStyles ? start!.styleNames : []
    return try StylizerNetwork(
      trainer.transformer.architecture, weights: trainer.weights,
      styleNames: kept + styles.map(\.name), path: "")
  }
}

/// The painting of a training.
public struct TrainingStyle: Sendable {
  /// The painting.
  public let painting: Picture
  /// The name of the style in the network.
  public let name: String
  /// The painting's name or file.
  public let source: String
  /// The SHA-256 of the painting's file, by which a checkpoint knows it.
  public let digest: String

  /// Makes a style.
  public init(_ painting: Picture, name: String, source: String, digest: String) {
    (self.painting, self.name, self.source, self.digest) = (painting, name, source, digest)
  }
}

/// What a step of a training gave.
public struct TrainingStep: Sendable {
  /// The number of the step, from 1.
  public let number: Int
  /// The mean losses of the step's samples, before the parameters moved.
  public let losses: Losses
  /// The learning rate of the step.
  public let learningRate: Double
  /// The seconds of the training so far.
  public let seconds: Double
  /// The seconds of the step in which samples were not ready.
  public let waited: Double
  /// The reasons why photos could not be decoded, since the last step.
  public let broken: [String]
  /// The number of the epoch that ended, from 1; nil if none did.
  public let epoch: Int?
}
