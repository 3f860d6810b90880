import ArgumentParser
import Pictures
import Runs

/// Repaints a film for `impasto stylize`.
struct StylizeFilm {
  let path: String
  let output: String
  let options: FilmOptions
  let shards: ShardOptions
  let smoothing: FilmSmoothingOptions
  let work: WorkOptions

  /// Repaints the film, or a shard of it, or joins its shards.
  func run(_ painter: StylizeJob) async throws {
    try shards.checkFilm()
    if options.join, shards.shard != nil {
      throw ValidationError("--join: cannot be combined with --shard.")
    }
    try InputFiles([path] + painter.inputPaths).checkNotInput(output, key: "output")
    if options.join, let option = smoothing.given {
      throw ValidationError("--join: cannot be combined with \(option).")
    }
    var settings = options.settings
    settings.smooth = smoothing.smooth
    // Only the console's task uses the job.
    nonisolated(unsafe) let job = try FilmJob(
      FilmFile(path, frameRate: settings.rate), output: output, painter: painter,
      settings: settings,
      shard: shards.shard ?? .whole, resumes: smoothing.resume, preview: smoothing.preview)
    work.say(painter.networkNote)
    try painter.recipe.precision?.note().map(Terminal.note)
    let console = FilmConsole(work: work, plan: job.plan, resume: "--resume")
    if options.join { return try console.join(job.join) }
    try await console.run(
      withoutFlow: settings.smooth == nil
        ? "Each frame is repainted by itself, which may flicker; a build by make films smooths films."
        : nil
    ) { try await job.run(progress: $0) }
  }
}
