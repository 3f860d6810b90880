import ArgumentParser
import Foundation
import Impasto
import Runs

struct TransferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Repaint photos and films in the style of one or several paintings.",
    discussion: """
      impasto transfer photo.jpg --style great-wave -o out.png
      impasto transfer clip.mp4 --style great-wave --size 320 -o out.mp4
      """)

  @OptionGroup var photoOptions: PhotoOptions

  @Option(
    name: .shortAndLong, help: "The result: \(PictureFormat.extensions), or a folder that exists.")
  var output: String?

  @Flag(help: "Make a result with each style by itself, instead of blending them.")
  var eachStyle = false

  @OptionGroup var settings: TransferSettings
  @OptionGroup(title: "Result") var encoding: EncodingOptions
  @OptionGroup(title: "Record") var record: RecordOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions
  @OptionGroup var frames: FrameOptions
  @OptionGroup(title: "Sharing") var shards: ShardOptions
  @OptionGroup(title: "Films") var film: FilmOptions
  @OptionGroup var memory: MemoryOption
  @OptionGroup var work: WorkOptions

  func run() async throws {
    if let path = photoOptions.photos.first, let output,
      FilmFile.isFilm(path) || FilmOutput.isFilm(output, of: path)
    {
      return try await repaintFilm(path, output)
    }
    if let option = film.given {
      throw ValidationError("\(option): is for films, and needs a film and the file of a film.")
    }
    if let path = checkpoints.resume {
      return try await checkpoints.run(
        path, isAlone: hasNoSettings(), memory: memory, work: work)
    }
    let (recipe, recorded) = try recipe()
    let given = try photoOptions.files()
    let photos = given.isEmpty ? recipe.content.map { [$0] } ?? [] : given
    guard !photos.isEmpty || recorded != nil else {
      throw ValidationError("Missing expected argument '<photos>': give a photo, or a --recipe.")
    }
    try await work.run { [self] in
      try await TransferBatch(
        recipe: recipe, recorded: recorded, photos: photos, eachStyle: eachStyle, output: output,
        encoding: encoding,
        record: record, frames: frames, checkpoints: checkpoints, shards: shards, memory: memory,
        work: work
      ).run()
    }
  }

  private func repaintFilm(_ path: String, _ output: String) async throws {
    guard photoOptions.photos.count == 1 else {
      throw ValidationError("\(path): is a film; films are repainted one at a time.")
    }
    guard record.run == nil, frames.output == nil, !eachStyle else {
      throw ValidationError(
        "\(path): is a film; --run, --save-every and --each-style are for photos.")
    }
    guard checkpoints.resume == nil || checkpoints.resume == output else {
      throw ValidationError("--resume: must be the film's --output, \(output).")
    }
    var (recipe, _) = try recipe()
    recipe.content = nil
    try await TransferFilm(
      path: path, output: output, recipe: recipe, options: film, shards: shards,
      resumes: checkpoints.resume != nil, work: work
    ).run()
  }

  /// The settings of base and options, and the recipe file whose checksums must match.
  private func recipe() throws -> (Recipe, recorded: RecipeFile?) {
    try settings.base.recipe(overriddenBy: ownRecipe())
  }

  /// Whether the command line has neither files nor settings.
  private func hasNoSettings() -> Bool {
    ownRecipe() == Recipe() && photoOptions.photos.isEmpty && !eachStyle
      && settings.base.preset == nil
      && settings.base.recipe == nil
      && output == nil && record.run == nil && frames.output == nil && encoding.includesMetadata
      && encoding.format == nil
  }

  /// The settings of the command line.
  private func ownRecipe() -> Recipe {
    var own = Recipe()
    settings.apply(to: &own)
    encoding.apply(to: &own)
    own.content = photoOptions.photos.first
    return own
  }
}
