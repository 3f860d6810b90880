import Files
import Foundation
import Impasto
import Pictures

/// The files that a run writes beside its result: frames, the record, and checkpoints.
///
/// One that cannot be written does not end the run. The first error of each kind becomes a warning.
struct SideOutputs {
  private let job: TransferJob
  private let recipe: String
  private var recorder: RunRecorder?
  private var checkpoints: CheckpointSchedule?
  private var failed: Set<Kind> = []
  private var warnings: [String] = []
  /// A checkpoint of an earlier run that this one's will replace.
  let replacedCheckpoint: String?

  private enum Kind: String {
    case frames = "frames"
    case record = "the record"
    case checkpoint = "the checkpoint"
  }

  /// Makes the record's folder, or goes on with that of a checkpoint.
  ///
  /// - Throws: `FileError`, `RecordError`, and `SettingError` for a folder with other frames.
  init(_ job: TransferJob, _ prepared: RecipeTransfer, from checkpoint: Checkpoint?) throws {
    self.job = job
    recipe = prepared.recipe.text(madeWith: prepared.provenance)
    let path = job.checkpoint
    replacedCheckpoint =
      checkpoint == nil ? path.flatMap { FileIdentity($0) == nil ? nil : $0 } : nil
    if checkpoint == nil { try job.frames?.checkEmpty() }
    if let path, let interval = job.checkpointInterval {
      checkpoints = CheckpointSchedule(
        path: path, interval: interval, isResumed: checkpoint != nil)
    }
    guard let record = job.record else { return }
    recorder =
      if let checkpoint {
        try RunRecorder(
          resuming: record, prepared, after: checkpoint.iteration,
          includesMetadata: job.includesMetadata)
      } else {
        try RunRecorder(folder: record, prepared, includesMetadata: job.includesMetadata)
      }
  }

  /// The folder of the record; nil without one.
  var recordFolder: String? { recorder?.folder }

  /// Whether frames or a part of the record are missing. A missing checkpoint costs nothing at the
  /// end of a run.
  var hasFailed: Bool { !failed.subtracting([.checkpoint]).isEmpty }

  /// The path that names the run's checkpoint; nil if there is none.
  var resumable: String? { checkpoints?.isThere == true ? job.record ?? job.output : nil }

  /// Adds a step.
  ///
  /// - Returns: warnings about what could not be written.
  mutating func add(_ step: TransferStep, seconds: Double, _ steps: TransferSteps.Iterator) async
    -> [String]
  {
    // After an error the record has a gap, and ends there.
    if !failed.contains(.record) {
      attempt(.record) { try $0.recorder?.record(step, seconds: seconds) }
    }
    if let path = job.frames?.path(after: step.iteration) {
      attempt(.frames) { _ in try step.picture().write(to: path) }
    }
    if step.status == .running, checkpoints?.isDue == true {
      await writeCheckpoint(steps, seconds: seconds)
    }
    return takeWarnings()
  }

  /// The warnings since the last call.
  mutating func takeWarnings() -> [String] {
    defer { warnings = [] }
    return warnings
  }

  /// Completes the record, and writes the checkpoint of a canceled run. Other runs have no use for
  /// one.
  ///
  /// - Parameter isKept: whether the picture is a result.
  /// - Returns: the record; nil without a result in it.
  /// - Throws: `FileError` and `PictureError` if the result cannot be written to the record, which
  ///   is its only place.
  mutating func finish(
    _ last: TransferStep, _ picture: Picture, seconds: Double, isKept: Bool,
    _ steps: TransferSteps.Iterator
  ) async throws -> RunRecord? {
    if last.status == .cancelled { await writeCheckpoint(steps, seconds: seconds) }
    guard isKept else {
      if resumable == nil { recorder?.abandon() }
      recorder = nil
      return nil
    }
    var record: RunRecord?
    do {
      if let finished = try await recorder?.finish(last, picture) {
        record = finished.record
        if let problem = finished.problem { note(.record, problem) }
      }
    } catch  where job.output != nil {
      note(.record, error)
    }
    // From here on a failure is not one of the record.
    recorder = nil
    if last.status != .cancelled { removeCheckpoint() }
    return record
  }

  /// Completes the record of a run that failed.
  ///
  /// - Returns: the path of the picture; nil without a record.
  mutating func keep(_ last: TransferStep, _ picture: Picture, after failure: any Error) async
    -> String?
  {
    defer { recorder = nil }
    guard let recorder else { return nil }
    return try? await recorder.finish(last, picture, failure: failure).record.folder.result
  }

  /// Removes the record of a run that leaves nothing.
  mutating func abandon() {
    recorder?.abandon()
    recorder = nil
  }

  mutating func removeCheckpoint() { checkpoints?.remove() }

  private mutating func writeCheckpoint(_ steps: TransferSteps.Iterator, seconds: Double) async {
    guard var schedule = checkpoints else { return }
    do {
      try await schedule.write { [job, recipe] path in
        try await steps.withCheckpoint {
          try Checkpoint.write($0, of: job, recipe: recipe, seconds: seconds, to: path)
        }
      }
    } catch {
      note(.checkpoint, error)
    }
    checkpoints = schedule
  }

  private mutating func attempt(_ kind: Kind, _ body: (inout Self) throws -> Void) {
    do {
      try body(&self)
    } catch {
      note(kind, error)
    }
  }

  private mutating func note(_ kind: Kind, _ error: any Error) {
    guard failed.insert(kind).inserted else { return }
    warnings.append("The run goes on without \(kind.rawValue): \(error)")
  }
}
