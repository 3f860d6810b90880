import ArgumentParser
import Foundation
import Impasto
import Runs

/// Optimizes a film picture by picture for `impasto transfer`.
struct TransferFilm {
  let path: String
  let output: String
  let recipe: Recipe
  let options: FilmOptions
  let resumes: Bool
  let work: WorkOptions

  func run() async throws {
    try InputFiles([path] + recipe.inputs).checkNotInput(output, key: "output")
    let job = try FilmTransferJob(
      path, output: output, recipe: recipe, settings: options.settings,
      shard: options.shard ?? .whole, resumes: resumes, threads: work.threads)
    if options.join {
      for note in try job.join() { Terminal.note(note) }
      work.say("Wrote \(output)")
      return
    }
    if !OpticalFlow.isAvailable {
      work.say(
        "Each frame is repainted by itself, which flickers; a build by make films follows the film's motion."
      )
    }
    let start = ContinuousClock.now
    let task = Task { [work] in
      let progress = FilmProgress(isQuiet: work.quiet)
      defer { progress.end() }
      return try await job.run(progress: progress.show)
    }
    let interruption = Interruption { task.cancel() }
    let result: FilmJob.Result
    do { result = try await task.value } catch {
      if job.hasParts {
        work.say("The frames so far are kept; --resume \(output) continues after them.")
      }
      throw error
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for note in result.notes { Terminal.note(note) }
    try FilmReport(result, seconds: seconds).show(result, job.shard, work)
    if result.wasCanceled {
      work.say("Interrupted; the same command with --resume \(output) continues.")
    }
    if let status = interruption.exitStatus { throw ExitCode(status) }
  }
}
