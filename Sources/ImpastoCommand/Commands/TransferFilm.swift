import ArgumentParser
import Pictures
import Runs

/// Optimizes a film picture by picture for `impasto transfer`.
struct TransferFilm {
  let path: String
  let output: String
  let recipe: Recipe
  let options: FilmOptions
  let shards: ShardOptions
  let resumes: Bool
  let work: WorkOptions

  /// Repaints the film, or a shard of it, or joins its shards.
  func run() async throws {
    try shards.checkFilm()
    if options.join, shards.shard != nil {
      throw ValidationError("--join: cannot be combined with --shard.")
    }
    try InputFiles([path] + recipe.inputs).checkNotInput(output, key: "output")
    let job = try FilmTransferJob(
      FilmFile(path, frameRate: options.settings.rate), output: output, recipe: recipe,
      settings: options.settings,
      shard: shards.shard ?? .whole, resumes: resumes, threads: work.threads)
    let console = FilmConsole(work: work, plan: job.plan, resume: "--resume \(output)")
    if options.join { return try console.join(job.join) }
    try await console.run(
      withoutFlow:
        "Each frame is repainted by itself, which flickers; a build by make films follows the film's motion."
    ) { try await job.run(progress: $0) }
  }
}
