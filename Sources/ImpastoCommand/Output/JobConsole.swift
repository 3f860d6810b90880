import Engine
import Files
import Impasto
import Runs

/// Runs jobs, and shows their events on standard error.
struct JobConsole: Sendable {
  let work: WorkOptions

  /// Runs a job to its end.
  ///
  /// - Parameter checkpoint: the checkpoint to continue from; nil to start anew.
  /// - Throws: `JobFailure`.
  func run(_ job: TransferJob, from checkpoint: Checkpoint? = nil) async throws -> (
    result: JobResult, report: TransferReport
  ) {
    let start = ContinuousClock.now
    var progress: Progress?
    var curve: [TransferReport.Point] = []
    let result = try await job.run(from: checkpoint) { event in
      switch event {
      case .started(let plan):
        explain(plan, of: job)
        progress = Progress(iterations: plan.iterations, isResumed: plan.firstIteration > 0)
      case .warning(let text): Terminal.note(text)
      case .step(let step, let seconds):
        curve.append(TransferReport.Point(step, seconds: seconds))
        if !work.quiet { progress?.show(step) }
      case .recording: work.say("Writing the record …")
      case .finished(let result): tell(result)
      case .failed: if !work.quiet { progress?.abandon() }
      }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return (result, TransferReport(result, seconds: seconds, curve: curve))
  }

  private func explain(_ plan: JobPlan, of job: TransferJob) {
    if plan.firstIteration > 0 { work.say("Continuing after iteration \(plan.firstIteration).") }
    if let sentence = plan.memory.saving { work.say(sentence) }
    guard let file = plan.photo else { return }
    if plan.size.longestSide > file.size.longestSide {
      work.say("\(file.path) is enlarged from \(file.size) to \(plan.size).")
    } else if job.recipe.size == nil, file.size.longestSide < Recipe.defaultSide {
      work.say("\(file.path) keeps its size, \(plan.size); --size enlarges it.")
    }
  }

  private func tell(_ result: JobResult) {
    if let record = result.record { work.say("The record is in \(record.folder.path)") }
    if result.step.status == .cancelled {
      let picture = result.output.map { "; the picture reached so far is in \($0)" } ?? ""
      let resuming = result.resumable.map { ", and impasto transfer --resume \($0) continues it" }
      work.say("Interrupted\(picture)\(resuming ?? "")")
    } else if let output = result.output {
      work.say(
        output == AtomicFile.standardOutput
          ? "Wrote the result to standard output" : "Wrote \(output)")
    }
  }
}

extension MemoryPlan {
  /// What the plan does to save memory; nil for a plan that saves nothing.
  fileprivate var saving: String? {
    var saving: [String] = []
    if let tileSide { saving.append("in \(tiles) tiles of at most \(tileSide)x\(tileSide) pixels") }
    if fileBytes > 0 {
      saving.append("with \(AvailableMemory.text(Double(fileBytes))) in a temporary file")
    }
    guard !saving.isEmpty else { return nil }
    return "The picture is painted \(saving.joined(separator: ", ")), in "
      + "\(AvailableMemory.text(Double(bytes))) of memory."
  }
}
