import ArgumentParser
import Foundation
import Impasto
import Runs

/// Runs the job of a film, or joins its shards, and prints progress and report.
struct FilmConsole {
  let work: WorkOptions
  let plan: FilmPlan
  /// The option that continues the film.
  let resume: String

  /// Joins the shards of the film.
  func join(_ body: () throws -> [String]) throws {
    for note in try body() { Terminal.note(note) }
    work.say("Wrote \(plan.output.path)")
  }

  /// Runs the job. A signal ends it early, and the process with the signal's status.
  ///
  /// - Parameters:
  ///   - warning: a line about a build without optical flow; nil for none.
  ///   - body: runs the job with a function that receives its progress.
  func run(
    withoutFlow warning: String?,
    _ body:
      @escaping @Sendable (@escaping (FilmJob.Progress) -> Void) async throws ->
      FilmJob.Result
  ) async throws {
    if let warning, !OpticalFlow.isAvailable { work.say(warning) }
    let start = ContinuousClock.now
    let task = Task { [isQuiet = work.quiet] in
      let progress = FilmProgress(isQuiet: isQuiet)
      defer { progress.end() }
      return try await body(progress.show)
    }
    let interruption = Interruption { task.cancel() }
    let result: FilmJob.Result
    do { result = try await task.value } catch {
      if plan.hasParts { work.say("The frames so far are kept; \(resume) continues after them.") }
      throw error
    }
    for note in result.notes { Terminal.note(note) }
    try show(FilmReport(result, seconds: (ContinuousClock.now - start) / .seconds(1)), result)
    if result.wasCanceled {
      work.say("Interrupted; the same command with \(resume) continues.")
    }
    if let status = interruption.exitStatus { throw ExitCode(status) }
  }

  private func show(_ report: FilmReport, _ result: FilmJob.Result) throws {
    let (frames, seconds) = (report.frames, report.seconds)
    let rate = String(format: seconds > Double(frames) ? "%.2f" : "%.1f", Double(frames) / seconds)
    if let output = report.output {
      work.say("\(output): \(frames) frames of \(result.size), \(rate) a second")
    } else if !result.wasCanceled {
      work.say("Shard \(plan.shard): \(frames) frames of \(result.size), \(rate) a second")
    }
    if work.json { try StandardStreams.print(JSON.line(report)) }
  }
}

/// What a film reports at its end.
private struct FilmReport: Encodable {
  let output: String?
  let size: TransferReport.Size
  /// Of this run.
  let frames: Int
  /// Of the runs that this one continued.
  let earlierFrames: Int
  let seconds: Double
  /// The seconds that each stage worked; several work at the same time.
  let stages: FilmStages

  init(_ result: FilmJob.Result, seconds: Double) {
    (output, frames, earlierFrames) = (result.output, result.frames, result.earlierFrames)
    size = TransferReport.Size(result.size)
    (self.seconds, stages) = (seconds, result.stages)
  }
}
