import Files
import Foundation
import Impasto
import NetworkStore

/// A transfer to run, and what to keep of it.
///
/// A job is a value. Nothing is read or computed before its ``events(from:)`` are requested:
///
///     let job = TransferJob(recipe: recipe, output: "out.png")
///     for await event in job.events() {
///       if case .step(let step, _) = event { print(step.losses.total) }
///     }
public struct TransferJob: Sendable {
  /// The settings. What they leave open takes its default.
  public var recipe: Recipe
  /// The recipe file that the settings come from, whose checksums must match; nil for settings
  /// without a record.
  public var recorded: RecipeFile?
  /// The path of the result, `-` for standard output; nil for none beside the record.
  public var output: String?
  /// The format of the result; nil for that of the path's extension.
  public var format: PictureFormat?
  /// A new folder for a record of the run; nil for none.
  public var record: String?
  /// The frames to write during the run; nil for none.
  public var frames: FrameOutput?
  /// Whether results carry their recipe.
  public var includesMetadata: Bool
  /// Whether a run that is canceled or fails keeps its last good picture, and completes its record
  /// with it. Otherwise it leaves nothing but the checkpoint of a canceled run, with its record.
  public var keepsPartialResult: Bool
  /// The time from checkpoint to checkpoint; nil for none. They lie in the record's folder or
  /// beside the output, and are removed at the end.
  public var checkpointInterval: Duration?
  /// The number of threads; nil for all processors that may be used.
  public var threads: Int?
  /// The bytes of memory; nil for most of what is available when the job starts.
  public var memory: Int?
  /// The networks that jobs share.
  public var networks: NetworkCache

  /// Makes a job.
  public init(
    recipe: Recipe, recorded: RecipeFile? = nil, output: String? = nil,
    format: PictureFormat? = nil, record: String? = nil, frames: FrameOutput? = nil,
    includesMetadata: Bool = true, keepsPartialResult: Bool = true,
    checkpointInterval: Duration? = Self.defaultCheckpointInterval,
    threads: Int? = nil, memory: Int? = nil, networks: NetworkCache = NetworkCache()
  ) {
    self.recipe = recipe
    self.recorded = recorded
    self.output = output
    self.format = format
    self.record = record
    self.frames = frames
    self.includesMetadata = includesMetadata
    self.keepsPartialResult = keepsPartialResult
    self.checkpointInterval = checkpointInterval
    self.threads = threads
    self.memory = memory
    self.networks = networks
  }

  /// Half a minute.
  public static let defaultCheckpointInterval = Duration.seconds(30)

  /// The path of the checkpoints; nil for a job that writes none.
  var checkpoint: String? {
    guard checkpointInterval != nil else { return nil }
    if let record { return RunFolder.checkpoint(record) }
    // Nothing lies beside a pipe.
    return output.flatMap { AtomicFile.isStream($0) ? nil : Checkpoint.besideOutput($0) }
  }

  /// Frames of a run as PNG files in a folder.
  public struct FrameOutput: Sendable, Hashable, Codable {
    /// The path of the folder.
    public var folder: String
    /// The number of iterations from frame to frame.
    public var interval: Int

    /// Makes a description of frames.
    public init(folder: String, interval: Int) {
      self.folder = folder
      self.interval = interval
    }

    /// The path of the frame after an iteration; nil if there is none.
    func path(after iteration: Int) -> String? {
      guard iteration > 0, iteration % interval == 0 else { return nil }
      return "\(folder)/\(Self.name(iteration))"
    }

    private static func name(_ iteration: Int) -> String {
      String(format: "frame_%05d.png", iteration)
    }

    /// Refuses a folder that has frames already, which would be overwritten.
    ///
    /// - Throws: `SettingError` with the key `frames`.
    func checkEmpty() throws {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let frame = names.sorted().first { name in
        name.hasPrefix("frame_")
          && Int(name.dropFirst("frame_".count).prefix { $0.isNumber }).map(Self.name) == name
      }
      guard let frame else { return }
      throw SettingError(
        "frames", value: folder,
        problem: "has frames already, such as \(frame); choose another folder.")
    }
  }

  /// The run as a sequence of events, which ends with `finished` or `failed`.
  ///
  /// Each event is computed when it is requested, so that a slow reader slows the run down. After
  /// a cancellation of the reader's task the run ends within one iteration.
  ///
  /// - Parameter checkpoint: the checkpoint of this job to continue from; nil to start anew.
  public func events(from checkpoint: Checkpoint? = nil) -> JobEvents {
    JobEvents(job: self, checkpoint: checkpoint)
  }

  /// Runs the job to its end.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint of this job to continue from; nil to start anew.
  ///   - observe: receives each event.
  /// - Throws: `JobFailure`.
  @discardableResult
  public func run(
    from checkpoint: Checkpoint? = nil, _ observe: (JobEvent) -> Void = { _ in }
  ) async throws -> JobResult {
    for await event in events(from: checkpoint) {
      observe(event)
      switch event {
      case .finished(let result): return result
      case .failed(let failure): throw failure
      case .started, .warning, .step, .recording: continue
      }
    }
    preconditionFailure("A run ends with a result or a failure.")
  }

  /// The record of an earlier run of this job, if that run was completed.
  ///
  /// - Throws: `RecordError` and `RecipeFileError` for a damaged record, and `ChangedInputError` for
  ///   one that was made from other files.
  public func completeRecord() throws -> RunRecord? {
    guard let record, FileManager.default.fileExists(atPath: RunFolder.result(record)) else {
      return nil
    }
    let complete = try RunRecord(record)
    let file = try RecipeFile(path: complete.folder.recipe)
    if let provenance = file.provenance {
      let precision = recipe.networkConfiguration.precision
      try Provenance(files: RecipeInputs(recipe).all, precision: precision)
        .check(provenance, recipe: file.path)
    }
    return complete
  }

  /// The checkpoint in the record of an earlier run of this job, if one can be read.
  func recordedCheckpoint() -> Checkpoint? { record.flatMap { try? Checkpoint(of: $0) } }

  /// Runs the job from its start, in place of an earlier run that was stopped without a checkpoint.
  func startAnew() async throws -> JobResult {
    if let record { RunFolder.removeIncomplete(record) }
    return try await run()
  }
}
