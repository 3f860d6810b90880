import ArgumentParser
import Files
import Foundation
import Impasto
import Runs
import Synchronization

/// Repaints a film for `impasto stylize`.
struct StylizeFilm {
  let path: String
  let output: String
  let options: FilmOptions
  let smoothing: FilmSmoothingOptions
  let work: WorkOptions

  func run(_ painter: StylizeJob) throws {
    try InputFiles([path] + painter.inputPaths).checkNotInput(output, key: "output")
    guard !options.join || smoothing.given == nil else {
      throw ValidationError("--join: cannot be combined with \(smoothing.given!).")
    }
    var settings = options.settings
    settings.smooth = smoothing.smooth
    let job = try FilmJob(
      path, output: output, painter: painter, settings: settings,
      shard: options.shard ?? .whole, resumes: smoothing.resume, preview: smoothing.preview)
    work.say(painter.networkNote)
    if options.join {
      for note in try job.join() { Terminal.note(note) }
      work.say("Wrote \(output)")
      return
    }
    if job.settings.smooth == nil, job.settings.usedSmooth == 0 {
      work.say(
        "Each frame is repainted by itself, which may flicker; a build by make films smooths films."
      )
    }
    let flag = Flag()
    let interruption = Interruption { flag.set() }
    let progress = FilmProgress(isQuiet: work.quiet)
    let start = ContinuousClock.now
    let result: FilmJob.Result
    do {
      defer { progress.end() }
      result = try job.run(isCanceled: { flag.isSet }, progress: progress.show)
    } catch {
      if job.hasParts { work.say("The frames so far are kept; --resume continues after them.") }
      throw error
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for note in result.notes { Terminal.note(note) }
    try FilmReport(result, seconds: seconds).show(result, job.shard, work)
    if result.wasCanceled { work.say("Interrupted; the same command with --resume continues.") }
    if let status = interruption.exitStatus { throw ExitCode(status) }
  }

  /// A flag that one thread sets and another reads.
  private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
  }
}

/// What a film reports at its end.
struct FilmReport: Encodable {
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

  /// Prints a line about the film, or the report itself.
  func show(_ result: FilmJob.Result, _ shard: Shard, _ work: WorkOptions) throws {
    let rate = String(format: seconds > Double(frames) ? "%.2f" : "%.1f", Double(frames) / seconds)
    if let output {
      work.say("\(output): \(frames) frames of \(result.size), \(rate) a second")
    } else if !result.wasCanceled {
      work.say("Shard \(shard): \(frames) frames of \(result.size), \(rate) a second")
    }
    if work.json { try StandardStreams.print(JSON.line(self)) }
  }
}
