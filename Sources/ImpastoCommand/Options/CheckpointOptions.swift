import ArgumentParser
import Impasto
import Runs

/// The checkpoints of a run, and the run that is continued from one.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Continue a run that was stopped: its record's folder, or its output. All settings are those of the run.",
      valueName: "path"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Write a checkpoint at most this often (default: \(Int(TransferJob.defaultCheckpointInterval / .seconds(1)))).",
      valueName: "seconds"))
  var checkpointEvery: Double?

  private static let longest = 86_400.0

  mutating func validate() throws {
    guard let checkpointEvery, !(0...Self.longest).contains(checkpointEvery) else { return }
    throw ValidationError("--checkpoint-every \(checkpointEvery): must be between 0 and 86400.")
  }

  /// The time from checkpoint to checkpoint.
  var interval: Duration {
    checkpointEvery.map { .seconds($0) } ?? TransferJob.defaultCheckpointInterval
  }

  /// Runs the job of a checkpoint to its end.
  ///
  /// - Parameter isAlone: whether no other setting was given.
  /// - Throws: `ValidationError` if settings were given.
  func run(_ path: String, isAlone: Bool, memory: MemoryOption, work: WorkOptions) async throws {
    guard isAlone else {
      throw ValidationError(
        "--resume: takes all settings from the run; besides it only --checkpoint-every, --memory, "
          + "--threads, --quiet and --json work.")
    }
    let checkpoint = try Checkpoint(of: path)
    var job = checkpoint.job
    job.threads = work.threads
    job.memory = memory.memory?.bytes
    job.checkpointInterval = interval
    try await work.run { [job] in
      var batch = BatchReport(photos: 1)
      batch.add(try await JobConsole(work: work).run(job, from: checkpoint))
      return batch
    }
  }
}
