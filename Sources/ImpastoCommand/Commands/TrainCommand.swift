import ArgumentParser
import Files
import Foundation
import Impasto
import NetworkStore
import Runs
import Training

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network that repaints photos in the style of a painting.",
    discussion: """
      impasto train --style painting.jpg --photos FOLDER -o style.safetensors
      impasto stylize photo.jpg --style style.safetensors -o out.png

      In minutes, with the painting as a new style of a trained network:
      impasto train --from \(TrainedStyles.start) --add-style --style painting.jpg --photos FOLDER -o mine.safetensors
      impasto stylize photo.jpg --style mine.safetensors:painting -o out.png
      """)

  private static let defaults = TrainingOptions()

  /// The default of a setting, and that with --add-style.
  private static func text(_ setting: KeyPath<TrainingOptions, some Any>) -> String {
    "\(defaults[keyPath: setting]); \(TrainingOptions.forAddedStyles[keyPath: setting]) with --add-style"
  }

  @Option(
    help:
      "The painting: a file, or a name from impasto styles. Several times for a network of several styles."
  )
  var style: [String] = []

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Start from a trained network instead of random weights: a file, or \(TrainedStyles.start).",
      valueName: "network"))
  var start: String?

  @Flag(
    help:
      "Keep the convolutions and the styles of the network of --from, and train only the norms of new styles beside them."
  )
  var addStyle = false

  @Option(
    help: ArgumentHelp(
      "A folder of photos, which is searched with all folders in it.", valueName: "folder"))
  var photos: String?

  @Option(name: .shortAndLong, help: "The network to write: a safetensors file.")
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Continue a training that was stopped: its output. All settings are those of the training.",
      valueName: "path"))
  var resume: String?

  @Flag(help: "Replace an output that exists.")
  var force = false

  @Option(
    help: ArgumentHelp(
      "Channels of the first convolution: 32, or 16 for a network that is three times as fast (default: \(defaults.baseChannels)).",
      valueName: "number"))
  var baseChannels: Int?

  @Option(help: ArgumentHelp("Optimizer steps (default: \(text(\.steps))).", valueName: "number"))
  var steps: Int?

  @Option(help: ArgumentHelp("Passes over all photos, instead of --steps.", valueName: "number"))
  var epochs: Double?

  @Option(help: ArgumentHelp("Photos in a step (default: \(text(\.batch))).", valueName: "number"))
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "Side of the parts of photos, a multiple of 4 (default: \(defaults.size)).",
      valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "Longer side of the painting; a larger one gives larger strokes (default: \(text(\.styleSize))).",
      valueName: "pixels"))
  var styleSize: Int?

  @Option(
    help: ArgumentHelp(
      "Weight of the content (default: \(defaults.contentWeight)).", valueName: "number"))
  var contentWeight: Double?

  @Option(
    help: ArgumentHelp(
      "Weight of the style (default: \(text(\.styleWeight))).", valueName: "number"))
  var styleWeight: Double?

  @Option(
    help: ArgumentHelp(
      "Weight of total variation, which smooths (default: \(defaults.tvWeight)).",
      valueName: "number"))
  var tvWeight: Double?

  @Option(
    help: ArgumentHelp(
      "Layers of the content, as in impasto transfer (default: \(defaults.contentLayers)).",
      valueName: "list"))
  var contentLayers: String?

  @Option(
    help: ArgumentHelp(
      "Layers of the style (default: \(defaults.styleLayers)).", valueName: "list"))
  var styleLayers: String?

  @Option(
    help: ArgumentHelp(
      "Distance of style: gram or wasserstein (default: \(defaults.styleLoss.rawValue)).",
      valueName: "name"))
  var styleLoss: StyleLoss?

  @Option(
    help: ArgumentHelp(
      "Adam's highest learning rate (default: \(text(\.learningRate))).", valueName: "number"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "The network that compares pictures: a name from impasto models, or a file (default: \(defaults.model)).",
      valueName: "network"))
  var model: String?

  @OptionGroup var precisionOption: PrecisionOption

  @Option(
    help: ArgumentHelp(
      "Seed of the first weights and of the choice of photos (default: \(defaults.seed)).",
      valueName: "number"))
  var seed: Int?

  @Option(
    help: ArgumentHelp(
      "Steps from checkpoint to checkpoint (default: 100).", valueName: "number"))
  var checkpointEvery: Int?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Keep a record in a new folder: losses, TensorBoard events and previews of photos that are held back.",
      valueName: "folder"))
  var record: String?

  @Option(
    help: ArgumentHelp("Steps from preview to preview (default: 100).", valueName: "number"))
  var previewEvery: Int?

  @OptionGroup var work: WorkOptions

  func run() async throws {
    let collective = try Processes.join()
    do {
      try await run(collective)
    } catch CollectiveError.ended {
      throw ExitCode.failure
    }
    Processes.leave(collective)
  }

  private func run(_ collective: any Collective) async throws {
    var (job, checkpoint) = try collective.together { try self.job() }
    job.collective = collective
    job.threads = work.threads
    if let previewEvery { job.previewInterval = previewEvery }
    if let checkpointEvery { job.checkpointInterval = checkpointEvery }
    let isFirst = collective.rank == 0
    if isFirst { try job.options.precision.note().map(Terminal.note) }
    let task = Task { [job, checkpoint] in
      let progress = TrainingProgress(isQuiet: work.quiet)
      defer { progress.end() }
      let result = try await job.run(from: checkpoint) { progress.show($0) }
      return (result: result, report: TrainingReport(result, progress))
    }
    let interruption = Interruption { [output = job.output] in
      task.cancel()
      if collective.count > 1, isFirst { Self.announceEnd(output) }
    }
    let (result, report) = try await task.value
    guard isFirst else { return }
    if let path = result.checkpoint {
      if collective.count == 1 {
        work.say("Interrupted; impasto train --resume \(job.output) continues from \(path)")
      }
    } else {
      work.say("Wrote \(job.output)")
    }
    if work.json { try StandardStreams.print(JSON.line(report)) }
    if let status = interruption.exitStatus { throw ExitCode(status) }
  }

  /// Says how a training of several processes goes on. If one of them died, the others wait for it until
  /// mpirun kills them, which is a second after its SIGTERM.
  private static func announceEnd(_ output: String) {
    Terminal.note(
      "The training ends; impasto train --resume \(output) continues from its last checkpoint")
  }

  /// The job of the options, or of the checkpoint to continue from.
  private func job() throws -> (TrainJob, TrainingCheckpoint?) {
    guard let resume else {
      guard !style.isEmpty, let photos, let output else {
        let missing = [("style", style.first), ("photos", photos), ("output", output)]
          .filter { $0.1 == nil }.map { "--\($0.0)" }
        throw ValidationError("\(missing.joined(separator: ", ")): must be given to train.")
      }
      var options = addStyle ? TrainingOptions.forAddedStyles : Self.defaults
      for change in changes { change(&options) }
      guard steps == nil || epochs == nil else {
        throw ValidationError("--epochs: cannot be combined with --steps.")
      }
      guard !addStyle || start != nil else {
        throw ValidationError("--add-style: needs --from with the network to add to.")
      }
      guard start == nil || baseChannels == nil else {
        throw ValidationError("--base-channels: is that of the network of --from.")
      }
      var job = TrainJob(styles: style, photos: photos, output: output, options: options)
      job.replacesOutput = force
      job.record = record
      (job.start, job.epochs) = (start, epochs)
      return (job, nil)
    }
    guard style.isEmpty, photos == nil, output == nil, record == nil, changes.isEmpty,
      start == nil, epochs == nil, !addStyle
    else {
      throw ValidationError(
        "--resume: takes all settings from the training; besides it only --checkpoint-every, "
          + "--preview-every, --force, --threads, --quiet and --json work.")
    }
    let path = TrainingCheckpoint.path(of: resume)
    guard InputFile.exists(path) else {
      throw SettingError(
        "resume", value: resume,
        problem: "there is no checkpoint \(path); the training has ended, or never began.")
    }
    let checkpoint = try TrainingCheckpoint(path: path)
    var job = TrainJob(checkpoint, output: resume)
    job.replacesOutput = force
    return (job, checkpoint)
  }

  /// What the options change of the default settings, one for each that was given.
  private var changes: [(inout TrainingOptions) -> Void] {
    func change<Value>(
      _ path: WritableKeyPath<TrainingOptions, Value>, _ value: Value?
    ) -> ((inout TrainingOptions) -> Void)? {
      value.map { value in { $0[keyPath: path] = value } }
    }
    return [
      change(\.baseChannels, baseChannels), change(\.steps, steps), change(\.batch, batch),
      change(\.size, size), change(\.styleSize, styleSize),
      change(\.contentWeight, contentWeight), change(\.styleWeight, styleWeight),
      change(\.tvWeight, tvWeight), change(\.contentLayers, contentLayers),
      change(\.styleLayers, styleLayers), change(\.styleLoss, styleLoss),
      change(\.learningRate, learningRate), change(\.model, model),
      change(\.precision, precisionOption.precision), change(\.seed, seed),
    ].compactMap(\.self)
  }
}

/// What a training reports at its end.
private struct TrainingReport: Encodable, Sendable {
  let output: String?
  let steps: Int
  let seconds: Double
  /// The median of the steps after the first.
  let stepSeconds: Double
  /// The seconds in which samples were not ready, after the first step.
  let waitedSeconds: Double
  let loss: Double
  let content: Double
  let style: Double
  let totalVariation: Double

  init?(_ result: TrainJob.Result, _ progress: TrainingProgress) {
    guard let last = result.last else { return nil }
    (output, steps, seconds) = (result.output, last.number, last.seconds)
    (stepSeconds, waitedSeconds) = (progress.medianStep, progress.waited)
    (loss, content, style) = (last.losses.total, last.losses.content, last.losses.style)
    totalVariation = last.losses.totalVariation
  }
}
