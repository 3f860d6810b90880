import Files
import Impasto
import Runs

/// Runs jobs, and shows their events on standard error.
struct JobConsole: Sendable {
  let work: WorkOptions

  /// Runs a job to its end.
  ///
  /// - Throws: `JobFailure`.
  func run(_ job: TransferJob) async throws -> (result: JobResult, report: TransferReport) {
    let start = ContinuousClock.now
    var progress: Progress?
    var curve: [TransferReport.Point] = []
    let result = try await job.run { event in
      switch event {
      case .started(let plan):
        explain(plan, of: job)
        progress = Progress(iterations: plan.iterations)
      case .warning(let text): work.say(text)
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
    guard let file = plan.photo else { return }
    if plan.size.longestSide > file.size.longestSide {
      work.say("\(file.path) is enlarged from \(file.size) to \(plan.size).")
    } else if job.recipe.size == nil, file.size.longestSide < Recipe.defaultSide {
      work.say("\(file.path) keeps its size, \(plan.size); --size enlarges it.")
    }
  }

  private func tell(_ result: JobResult) {
    if let record = result.record { work.say("The record is in \(record.folder.path)") }
    guard let output = result.output else { return }
    guard output != AtomicFile.standardOutput else {
      return work.say("Wrote the result to standard output")
    }
    work.say(
      result.step.status == .cancelled
        ? "Interrupted; the picture reached so far is in \(output)" : "Wrote \(output)")
  }
}
