import ArgumentParser
import Files
import Foundation
import Impasto
import Runs

struct StylizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stylize", abstract: "Repaint photos and films in one pass of a trained network.",
    discussion: """
      impasto stylize photo.jpg --style great-wave -o out.png
      impasto stylize clip.mp4 --style udnie -o out.mp4

      A painting goes through a network that paints in any style. A trained style, by its name or \
      the file of its network, goes through the network that was trained for it.
      """)

  @OptionGroup var photoOptions: PhotoOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A trained style or a painting from impasto styles, a painting's file, or a network's file; FILE:3 is style 3 of a network of several. Repeat the option to blend styles.",
      valueName: "style"), completion: Completion.styles)
  var style: [String] = []

  @Option(
    name: .shortAndLong, help: "The result: \(PictureFormat.extensions), or a folder that exists.")
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The part of each style, such as 3,7 (default: equal parts).", valueName: "weights"))
  var styleBlend: String?

  @Option(help: "The strength of the style, 0 to 1 (default: 1).")
  var strength: Double?

  @Option(
    help: ArgumentHelp(
      "A network that paints in any style (default: the shipped one).", valueName: "file"))
  var network: String?

  @Option(
    help: ArgumentHelp(
      "The longer side of the result in pixels, or original (default: at most \(Recipe.defaultSide); that of a film).",
      valueName: "pixels|original"))
  var size: ResultSize?

  @Option(
    help: ArgumentHelp(
      "Give the result the photo's colors: luminance, histogram, cholesky or pca (default: none).",
      valueName: "method"))
  var color: ColorChoice?

  @Option(
    help: ArgumentHelp(
      "Give the painting the photo's colors first, or with a network of impasto train the photo the painting's (default: none).",
      valueName: "method"))
  var colorBefore: ColorChoice?

  @Option(
    help: ArgumentHelp("Repeat a result that carries its recipe.", valueName: "file"))
  var recipe: String?

  @OptionGroup var precisionOption: PrecisionOption
  @OptionGroup(title: "Result") var encoding: EncodingOptions
  @OptionGroup(title: "Sharing") var shards: ShardOptions
  @OptionGroup(title: "Films") var film: FilmOptions
  @OptionGroup(title: "Films") var smoothing: FilmSmoothingOptions
  @OptionGroup var memory: MemoryOption
  @OptionGroup var work: WorkOptions

  func run() async throws {
    let recorded = try recipe.map { try RecipeFile(path: $0) }
    let recipe = (recorded?.recipe ?? Recipe()).overridden(by: settings())
    if let path = photoOptions.photos.first ?? recipe.content, let output,
      FilmFile.isFilm(path) || FilmOutput.isFilm(output, of: path)
    {
      return try await repaintFilm(path, output, recipe, recorded)
    }
    if let option = film.given ?? smoothing.given {
      throw ValidationError("\(option): is for films, and needs a film and the file of a film.")
    }
    let given = try photoOptions.files()
    let photos = given.isEmpty ? [recipe.content].compactMap(\.self) : given
    guard !photos.isEmpty else {
      throw ValidationError("Missing expected argument '<photos>': give a photo, or a --recipe.")
    }
    guard let output else {
      throw ValidationError("--output is missing: name the result, or a folder that exists.")
    }
    if output == AtomicFile.standardOutput, work.json {
      throw ValidationError("--json and --output -: both would be on standard output.")
    }
    let plan = try OutputPlan(
      photos: photos, styles: [], output: output, format: encoding.format,
      inputs: recipe.inputs + photos + [recorded?.path].compactMap(\.self))
    for (_, _, result) in plan.results {
      try encoding.check(path: result)
      _ = try recipe.encoding(path: result, format: encoding.format)
    }
    let batch = try Batch(recipe, plan, output: output, shards: shards)
    if shards.collect { return try batch.collect(work) }
    let reports = try repaint(
      plan,
      StylizeJob(
        recipe: recipe, recorded: recorded, threads: work.threads, memory: memory.memory?.bytes),
      batch)
    if work.json { try StandardStreams.print(JSON.line(reports)) }
    if reports.failed > 0 { throw ExitCode.failure }
  }

  private func repaintFilm(
    _ path: String, _ output: String, _ recipe: Recipe, _ recorded: RecipeFile?
  ) async throws {
    guard photoOptions.photos.count <= 1 else {
      throw ValidationError("\(path): is a film; films are repainted one at a time.")
    }
    let job = try StylizeJob(
      recipe: recipe, recorded: recorded, threads: work.threads, memory: memory.memory?.bytes)
    try await StylizeFilm(
      path: path, output: output, options: film, shards: shards, smoothing: smoothing, work: work
    ).run(job)
  }

  /// The settings of the command line.
  private func settings() -> Recipe {
    var own = Recipe()
    own.style = style.isEmpty ? nil : style
    own.styleBlend = styleBlend.map(NumberList.numbers)
    (own.strength, own.network) = (strength, network)
    (own.size, own.color, own.colorBefore) = (size, color, colorBefore)
    own.precision = precisionOption.precision
    encoding.apply(to: &own)
    return own
  }

  /// Repaints the photos. One that fails does not stop the others.
  private func repaint(
    _ plan: OutputPlan, _ job: StylizeJob, _ batch: Batch
  ) throws -> StylizeReports {
    work.say(job.networkNote)
    try job.recipe.precision?.note().map(Terminal.note)
    var reports = StylizeReports()
    for (index, (photo, _, output)) in plan.results.enumerated()
    where batch.isOpen(index, output) {
      do {
        let start = ContinuousClock.now
        let progress = TileProgress()
        let result = try job.run(
          photo: photo!, output: output, format: encoding.format,
          includesMetadata: encoding.includesMetadata
        ) { part in if !work.quiet { progress.show(part) } }
        for note in result.notes { Terminal.note(note) }
        let report = StylizeReports.Report(
          result, seconds: (ContinuousClock.now - start) / .seconds(1))
        reports.results.append(report)
        try batch.add(
          .init(
            output: output, photo: photo, width: report.size.width, height: report.size.height,
            seconds: report.seconds))
        let count = plan.results.count > 1 ? "[\(index + 1)/\(plan.results.count)] " : ""
        work.say(
          count
            + String(
              format: "%@: %dx%d in %.2f s", output, report.size.width, report.size.height,
              report.seconds))
      } catch {
        guard plan.results.count > 1 else { throw error }
        Terminal.complain(error)
        reports.failed += 1
      }
    }
    return reports
  }
}

/// The report of all photos of one command.
struct StylizeReports: Encodable {
  var results: [Report] = []
  var failed = 0

  struct Report: Encodable {
    let content: String
    let output: String
    let size: TransferReport.Size
    /// From reading to the written file.
    let seconds: Double
    /// Of the network alone.
    let networkSeconds: Double

    init(_ result: StylizeJob.Result, seconds: Double) {
      content = result.photo.path
      output = result.output
      size = TransferReport.Size(result.size)
      self.seconds = seconds
      networkSeconds = result.networkSeconds
    }
  }
}
