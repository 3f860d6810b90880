import Files
import Foundation
import Impasto
import NetworkStore
import Networks
import Pictures
import Training

/// The training of a one-pass network for paintings, from its files to the written network.
///
///     let job = TrainJob(styles: ["great-wave"], photos: "photos", output: "wave.safetensors")
///     let result = try await job.run { event in print(event) }
public struct TrainJob: Sendable {
  /// The paintings: files, or the names of shipped ones.
  public var styles: [String]
  /// The network that the training starts from, a file or the name of a shipped one; nil for random
  /// weights.
  public var start: String?
  /// The folder of photos.
  public var photos: String
  /// The path of the network.
  public var output: String
  /// The settings.
  public var options: TrainingOptions
  /// The number of passes over all photos, which replaces the number of steps; nil for that.
  public var epochs: Double?
  /// The number of threads; nil for all processors that may be used.
  public var threads: Int?
  /// The number of steps from checkpoint to checkpoint.
  public var checkpointInterval = 100
  /// The folder of the record; nil for none.
  public var record: String?
  /// The number of steps from preview to preview in the record.
  public var previewInterval = 100
  /// The processes that share the training. The first one reports and writes.
  package var collective: any Collective = SingleProcess()
  /// Whether an output that exists may be replaced.
  public var replacesOutput = false

  /// Makes a job.
  public init(
    styles: [String], photos: String, output: String, options: TrainingOptions = TrainingOptions()
  ) {
    (self.styles, self.photos, self.output, self.options) = (styles, photos, output, options)
  }

  /// Makes the job that a checkpoint continues.
  ///
  /// - Parameter output: the path of the training's result.
  public init(_ checkpoint: TrainingCheckpoint, output: String) {
    self.init(
      styles: checkpoint.styles, photos: checkpoint.photos, output: output,
      options: checkpoint.options)
    start = checkpoint.start
    record = checkpoint.record
  }

  /// What happens during a training.
  public enum Event: Sendable {
    /// The inputs were read and checked, and the training begins after so many steps.
    case started(photos: Int, steps: Int, after: Int)
    /// A problem that does not stop the training.
    case warning(String)
    /// A step ended.
    case step(TrainingStep)
  }

  /// How a training ended.
  public struct Result: Sendable {
    /// The last step; nil if none was left.
    public let last: TrainingStep?
    /// The path of the network; nil for a canceled training.
    public let output: String?
    /// The path of the checkpoint of a canceled training.
    public let checkpoint: String?
  }

  /// Trains the network. A cancellation of the task leaves a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: the state to continue from; nil to begin anew.
  ///   - report: receives the events.
  /// - Throws: `SettingError`, `PictureError`, `NetworkError`, `TrainingError`, and
  ///   `FileError.unwritable` if the network cannot be written. The last checkpoint stays.
  public func run(
    from checkpoint: TrainingCheckpoint? = nil, _ report: (Event) -> Void
  ) async throws -> Result {
    let setup: Setup = try collective.together { try self.setup(from: checkpoint) }
    let (run, options) = (setup.run, setup.run.options)
    guard collective.rank == 0 else { return try await follow(run) }
    var record = try record.map {
      try TrainingRecord(
        $0, options: options, heldBack: setup.photos.heldBack, after: checkpoint?.step ?? 0)
    }
    report(
      .started(photos: setup.photos.count, steps: options.steps, after: checkpoint?.step ?? 0))
    for problem in setup.photos.broken { report(.warning("\(problem) It is skipped.")) }
    if setup.photos.small > 0 {
      report(
        .warning(
          "\(setup.photos.small) photos with a side of less than \(options.size) pixels are skipped."
        ))
    }
    let path = TrainingCheckpoint.path(of: output)
    var last: TrainingStep?
    while await run.continues(!Task.isCancelled), let step = try await run.next() {
      last = step
      for problem in step.broken { report(.warning("\(problem) It is skipped.")) }
      report(.step(step))
      do {
        try record?.add(step)
        if let record, step.number % previewInterval == 0 || step.number == options.steps {
          try await record.preview(
            run.network(), styles: setup.styles.count, step: step.number, threads: threads)
          try record.summarize()
        }
      } catch {
        report(.warning("\(error) This part of the record is missing."))
      }
      guard step.number % checkpointInterval == 0, step.number < options.steps else { continue }
      do {
        try await run.writeCheckpoint(to: path, record: self.record)
      } catch {
        report(
          .warning(
            "\(error) The training goes on, and tries again after \(checkpointInterval) steps."))
      }
    }
    guard await run.isComplete else {
      try await run.writeCheckpoint(to: path, record: self.record)
      return Result(last: last, output: nil, checkpoint: path)
    }
    do {
      try await write(setup)
    } catch {
      // Hours of work are worth a second attempt.
      try? await run.writeCheckpoint(to: path, record: self.record)
      throw error
    }
    unlink(path)
    try? record?.finish()
    return Result(last: last, output: output, checkpoint: nil)
  }

  /// The inputs of a training.
  private struct Setup {
    let photos: PhotoFolder
    let styles: [TrainingStyle]
    let start: TrainingStart?
    let run: TrainingRun
  }

  private func setup(from checkpoint: TrainingCheckpoint?) throws -> Setup {
    try options.check()
    if collective.rank == 0 { try checkOutput(isResumed: checkpoint != nil) }
    let photos = try PhotoFolder(photos, side: options.size, least: options.batch)
    let start = try start.map(Self.start)
    let styles = try paintings(besides: options.addsStyles ? start?.styleNames ?? [] : [])
    let run = try TrainingRun(
      options(photos: photos.count), styles: styles, start: start, photos: photos,
      threads: threads, from: checkpoint, collective: collective)
    return Setup(photos: photos, styles: styles, start: start, run: run)
  }

  /// Computes this process's part of the steps; rank 0 reports and writes.
  private func follow(_ run: TrainingRun) async throws -> Result {
    do {
      while await run.continues(true), try await run.next() != nil {}
    } catch is TrainingError {
      throw CollectiveError.ended
    }
    return Result(last: nil, output: nil, checkpoint: nil)
  }

  /// Checks that the network can be written, and that nothing is lost by it.
  private func checkOutput(isResumed: Bool) throws {
    guard checkpointInterval > 0 else {
      throw SettingError(
        "checkpoint-every", value: "\(checkpointInterval)", problem: "must be at least 1.")
    }
    guard previewInterval > 0 else {
      throw SettingError(
        "preview-every", value: "\(previewInterval)", problem: "must be at least 1.")
    }
    try AtomicFile.checkWritable(output)
    guard !replacesOutput else { return }
    let checkpoint = TrainingCheckpoint.path(of: output)
    guard !FileManager.default.fileExists(atPath: output) else {
      throw SettingError("output", value: output, cause: TrainingOutputError.exists)
    }
    guard isResumed || !FileManager.default.fileExists(atPath: checkpoint) else {
      throw SettingError(
        "output", value: output, cause: TrainingOutputError.hasCheckpoint(checkpoint))
    }
  }

  /// The settings with the number of steps of `epochs`.
  private func options(photos: Int) throws -> TrainingOptions {
    guard let epochs else { return options }
    var options = options
    let steps = (epochs * Double(photos) / Double(options.batch)).rounded(.up)
    guard epochs > 0, steps <= 1e7 else {
      throw SettingError(
        "epochs", value: "\(epochs)", problem: "must be more than 0, and at most 10000000 steps.")
    }
    options.steps = Int(steps)
    return options
  }

  /// The paintings, with names of their files. The style of a file with a single one has the name of
  /// the file.
  ///
  /// - Parameter others: the names of the network's other styles.
  private func paintings(besides others: [String]) throws -> [TrainingStyle] {
    guard !styles.isEmpty else { throw SettingError("style", problem: "is missing.") }
    let styles = try styles.map { style in
      let file = try PictureFile(paintingNamed: style)
      let size = file.size.scaled(toLongestSide: options.styleSize)
      let isAlone = self.styles.count == 1 && !options.addsStyles
      return TrainingStyle(
        try file.decoded(size), name: Self.name(of: isAlone ? output : style), source: style,
        digest: try FileDigest.sha256(ofFile: file.location))
    }
    var names = Set(others)
    for style in styles where !names.insert(style.name).inserted {
      throw SettingError(
        "style", value: style.source, problem: "another style is named \(style.name), too.")
    }
    return styles
  }

  private static func name(of path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }

  private static func startPath(_ source: String) throws -> String {
    InputFile.exists(source) ? source : try TrainedStyles.path(of: source)
  }

  private static func start(_ source: String) throws -> TrainingStart {
    let path = try startPath(source)
    guard InputFile.exists(path) else {
      throw SettingError("from", value: source, problem: "there is no such file or network.")
    }
    return try TrainingStart(
      StylizerNetwork(path: path), source: source, digest: FileDigest.sha256(ofFile: path))
  }

  private func write(_ setup: Setup) async throws {
    let network = try await setup.run.network()
    var metadata = ["impasto.version": Release.version]
    if options.addsStyles, let start = setup.start {
      let path = try Self.startPath(start.source)
      let onlyStyle: String? = start.network.styles == .single ? network.styleNames[0] : nil
      metadata.merge(
        try TrainedStyleMetadata.entries(networkPath: path, onlyStyle: onlyStyle)
      ) { $1 }
    }
    for style in setup.styles {
      let name = network.styles == .single ? nil : style.name
      metadata.merge(
        try TrainedStyleMetadata.entries(name, painting: style.painting, options: setup.run.options)
      ) { $1 }
    }
    try AtomicFile.write(to: output) { write in
      try network.write(precision: .half, metadata: metadata, with: write)
    }
  }
}

/// The output of a training that would replace earlier work.
public enum TrainingOutputError: Error, Sendable, CustomStringConvertible {
  /// There is a file of this name.
  case exists
  /// There is the checkpoint of a training that was stopped, at this path.
  case hasCheckpoint(String)

  public var description: String {
    switch self {
    case .exists: "exists."
    case .hasCheckpoint(let path): "\(path) is of a training that was stopped."
    }
  }
}
