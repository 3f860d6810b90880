#if Studio
import Foundation
import Impasto
import Pictures
import Runs

/// Repaints a film for a job of the studio. After the end of the process it continues from the parts of the film
/// that were complete.
struct FilmRunner {
  let runner: JobRunner
  let job: StudioJob
  /// The recipe of the frames.
  let recipe: Recipe

  /// Repaints. After a cancellation of the task the frames so far are the result, and their parts stay.
  ///
  /// - Throws: `FilmError`, `FilmPartsError`, `SettingError`, `FileError` and the errors of ``StylizeJob``.
  func run() async throws -> JobRunner.Painted {
    let folder = StudioFolder.job(job.id)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    do { return try await run(work()) } catch is FilmPartsError {
      // The process ended before the parts could be continued.
      try FileManager.default.removeItem(atPath: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try await run(work())
    }
  }

  private typealias Progress = (FilmJob.Progress) -> Void

  /// A film whose inputs were checked.
  private struct Work {
    let plan: FilmPlan
    let run: (@escaping Progress) async throws -> FilmJob.Result
  }

  private func work() throws -> Work {
    let work = try work(resumes: false)
    return work.plan.hasParts ? try self.work(resumes: true) : work
  }

  private func work(resumes: Bool) throws -> Work {
    let film = try FilmFile(StudioFolder.film(job.request.photo!), isUntrusted: true)
    let settings = job.request.film?.settings ?? FilmSettings()
    let output = StudioFolder.result(job)
    switch job.request.method {
    case .onePass:
      let painter = try StylizeJob(recipe: recipe, threads: runner.threads, memory: runner.memory)
      let work = try FilmJob(
        film, output: output, painter: painter, settings: settings, resumes: resumes)
      return Work(plan: work.plan) { try await work.run(progress: $0) }
    case .optimization:
      let work = try FilmTransferJob(
        film, output: output, recipe: recipe, settings: settings, resumes: resumes,
        threads: runner.threads)
      return Work(plan: work.plan) { try await work.run(progress: $0) }
    }
  }

  private func run(_ work: Work) async throws -> JobRunner.Painted {
    let start = ContinuousClock.now
    var previews = PreviewSchedule()
    var first: Int?
    let result = try await work.run { progress in
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let isShown = runner.showPreview(of: job.id, &previews) { progress.latest.picture }
      let earlier = first ?? progress.frames - 1
      first = earlier
      runner.tell(job.id) { live in
        live.iteration = progress.frames
        if let all = progress.allFrames {
          live.iterations = all
          live.share = Double(progress.frames) / Double(all)
          live.secondsLeft =
            seconds / Double(progress.frames - earlier) * Double(all - progress.frames)
        }
        if isShown { live.preview += 1 }
      }
    }
    return JobRunner.Painted(
      size: result.size, seconds: (ContinuousClock.now - start) / .seconds(1),
      isPartial: result.wasCanceled)
  }
}
#endif
