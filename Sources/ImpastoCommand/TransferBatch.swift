import ArgumentParser
import Files
import Foundation
import Impasto
import Runs

/// The transfers of one command: each photo in turn, with one network.
struct TransferBatch: Sendable {
  private let recipe: Recipe
  private let recorded: RecipeFile?
  private let plan: OutputPlan
  private let network: FeatureNetwork
  private let encoding: EncodingOptions
  private let record: RecordOptions
  private let frames: FrameOptions
  private let work: WorkOptions

  /// Checks everything that can be checked before the work.
  ///
  /// - Parameters:
  ///   - photos: empty for a texture.
  ///   - network: the recipe's, if it is there already.
  init(
    recipe: Recipe, recorded: RecipeFile? = nil, photos: [String], output: String?,
    encoding: EncodingOptions, record: RecordOptions, frames: FrameOptions,
    work: WorkOptions, network: FeatureNetwork? = nil
  ) throws {
    (self.recipe, self.recorded, self.encoding) = (recipe, recorded, encoding)
    (self.record, self.frames, self.work) = (record, frames, work)
    if photos.count > 1 {
      for (option, value) in [("--frames", frames.frames), ("--run", record.run)]
      where value != nil { throw ValidationError("\(option): works for a single photo.") }
    }
    if let folder = record.run { try NewFolder.check(folder) }
    guard let output = output ?? record.run.map(RunFolder.result) else {
      throw ValidationError("--output is missing: name the result, or a folder that exists.")
    }
    // In a folder that is not there yet nothing can be checked or lost.
    plan =
      output == record.run.map(RunFolder.result)
      ? OutputPlan(newResult: output, photo: photos.first)
      : try OutputPlan(photos: photos, output: output, inputs: recipe.inputs + photos)
    for (_, result) in plan.pairs {
      try encoding.check(path: result)
      _ = try recipe.encoding(path: result)
    }
    if let folder = frames.frames { try PictureFormat.checkWritable("\(folder)/frame.png") }
    self.network = try network ?? recipe.network(.options)
  }

  /// Runs all of them; a photo that fails does not stop the others.
  ///
  /// - Throws: the error of a single photo.
  func run() async throws -> BatchReport {
    var batch = BatchReport(photos: plan.pairs.count)
    for (photo, result) in plan.pairs where !Task.isCancelled {
      do {
        if plan.pairs.count > 1 { work.say("\(photo ?? ""):") }
        batch.reports.append(try await transfer(photo, to: result))
      } catch {
        guard plan.pairs.count > 1 else { throw error }
        Terminal.complain(String(describing: error))
        batch.failed += 1
      }
    }
    return batch
  }

  private func transfer(_ photo: String?, to result: String) async throws -> TransferReport {
    var recipe = recipe
    recipe.content = photo
    let start = ContinuousClock.now
    let prepared = try RecipeTransfer(
      recipe, network: network, threads: work.threads, naming: .options, recorded: recorded)
    explain(prepared)
    let encoding = try prepared.encoding(
      path: result, hasMetadata: !encoding.leavesOutMetadata)
    var recorder = try record.run.map {
      try RunRecorder(folder: $0, prepared, hasMetadata: !self.encoding.leavesOutMetadata)
    }
    let (step, curve): (TransferStep, [TransferReport.Point])
    do {
      (step, curve) = try await run(
        prepared, since: start, recorder: &recorder, keepIn: result, encoding)
      if recorder != nil { work.say("Writing the record …") }
      try await recorder?.finish(step)
    } catch {
      recorder?.abandon()
      throw error
    }
    if let recorder { work.say("The record is in \(recorder.folder)") }
    if result != record.run.map(RunFolder.result) {
      try step.picture().write(to: result, encoding)
    }
    work.say(
      step.status == .cancelled
        ? "Interrupted; what was reached is in \(result)" : "Wrote \(result)")
    return TransferReport(
      step, of: prepared, output: result, seconds: (ContinuousClock.now - start) / .seconds(1),
      curve: curve)
  }

  private func run(
    _ prepared: RecipeTransfer, since start: ContinuousClock.Instant,
    recorder: inout RunRecorder?, keepIn result: String, _ encoding: PictureEncoding
  ) async throws -> (TransferStep, [TransferReport.Point]) {
    var progress = Progress(iterations: prepared.transfer.options.mostIterations)
    var last: TransferStep?
    var curve: [TransferReport.Point] = []
    do {
      for try await step in prepared.transfer.steps() {
        last = step
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        curve.append(
          .init(
            scale: step.scale, iteration: step.iteration, evaluations: step.evaluations,
            seconds: seconds, total: JSON.rounded(step.losses.total)))
        if !work.quiet { progress.show(step) }
        try recorder?.record(step, seconds: seconds)
        try writeFrame(step)
      }
    } catch {
      if !work.quiet { progress.abandon() }
      guard error is OptimizerError else { throw error }
      // The last good picture is worth keeping.
      var kept = ""
      if let last, record.run == nil {
        try last.picture().write(to: result, encoding)
        kept = " The picture after iteration \(last.iteration) is in \(result)."
      }
      throw OptionError("\(error)\(kept)")
    }
    return (last!, curve)
  }

  private func writeFrame(_ step: TransferStep) throws {
    guard let folder = frames.frames, let every = frames.saveEvery,
      step.iteration > 0, step.iteration % every == 0
    else { return }
    let path = "\(folder)/" + String(format: "frame_%05d.png", step.iteration)
    try plan.checkNotInput(path)
    try step.picture().write(to: path)
  }

  private func explain(_ prepared: RecipeTransfer) {
    let differences = recorded?.provenance.map { prepared.provenance.differences(from: $0) } ?? []
    if !differences.isEmpty {
      work.say("The result may differ a little: \(differences.joined(separator: ", ")).")
    }
    guard let file = prepared.photo else { return }
    if prepared.size.longestSide > file.size.longestSide {
      work.say("\(file.path) is enlarged from \(file.size) to \(prepared.size).")
    } else if recipe.size == nil, file.size.longestSide < Recipe.defaultSide {
      work.say("\(file.path) keeps its size, \(prepared.size); --size enlarges it.")
    }
  }
}
