import ArgumentParser
import Files
import Foundation
import Impasto
import NetworkStore
import Runs

/// The transfers of one command: each photo in turn, with one network.
struct TransferBatch: Sendable {
  private let job: TransferJob
  private let plan: OutputPlan
  private let share: Batch?
  private let isCollection: Bool
  private let work: WorkOptions

  /// Checks everything that can be checked before the work.
  ///
  /// - Parameters:
  ///   - photos: empty for a texture.
  ///   - eachStyle: whether each style gets a result by itself.
  init(
    recipe: Recipe, recorded: RecipeFile? = nil, photos: [String], eachStyle: Bool = false,
    output: String?, encoding: EncodingOptions, record: RecordOptions, frames: FrameOptions,
    checkpoints: CheckpointOptions, shards: ShardOptions? = nil, memory: MemoryOption,
    work: WorkOptions
  ) throws {
    self.work = work
    let styles = eachStyle ? recipe.style ?? [] : []
    if photos.count > 1 || styles.count > 1 {
      for (option, value) in [("--frames", frames.frames), ("--run", record.run)]
      where value != nil { throw ValidationError("\(option): works only for a single result.") }
    }
    if eachStyle, recipe.styleBlend != nil || recipe.mask != nil {
      throw ValidationError("--each-style: works without --style-blend and --mask.")
    }
    if let folder = record.run { try NewFolder.check(folder) }
    let recordedResult = record.run.map(RunFolder.result)
    guard let output = output ?? recordedResult else {
      throw ValidationError("--output is missing: name the result, or a folder that exists.")
    }
    if output == AtomicFile.standardOutput, work.json {
      throw ValidationError("--json and --output -: both would be on standard output.")
    }
    // A folder that does not exist yet holds nothing to check or to lose.
    plan =
      output == recordedResult
      ? OutputPlan(newResult: output, photo: photos.first)
      : try OutputPlan(
        photos: photos, styles: styles, output: output, format: encoding.format,
        inputs: recipe.inputs + photos + [recorded?.path].compactMap(\.self))
    for (_, _, result) in plan.results {
      try encoding.check(path: result)
      _ = try recipe.encoding(path: result, format: encoding.format)
    }
    if let folder = frames.frames { try PictureFormat.checkWritable("\(folder)/frame.png") }
    job = TransferJob(
      recipe: recipe, recorded: recorded, format: encoding.format, record: record.run,
      frames: frames.output, includesMetadata: encoding.includesMetadata,
      checkpointInterval: checkpoints.interval, threads: work.threads,
      memory: memory.memory?.bytes)
    _ = try recipe.network(from: job.networks)
    isCollection = shards?.collect ?? false
    share = try shards.map { [plan] in try Batch(recipe, plan, output: output, shards: $0) }
  }

  /// Runs all transfers. A photo that fails does not stop the others.
  ///
  /// - Throws: the error of a single photo.
  func run() async throws -> BatchReport {
    if isCollection {
      try share?.collect(work)
      return BatchReport(photos: 0)
    }
    var batch = BatchReport(photos: plan.results.count)
    for (index, (photo, style, result)) in plan.results.enumerated()
    where !Task.isCancelled && share?.isOpen(index, result) ?? true {
      do {
        if plan.results.count > 1 {
          work.say([photo, style].compactMap(\.self).joined(separator: " with ") + ":")
        }
        var job = job
        job.recipe.content = photo
        if let style { job.recipe = job.recipe.with(style, at: index % job.recipe.style!.count) }
        // The record's result is the only one without another output.
        job.output = result == job.record.map(RunFolder.result) ? nil : result
        let outcome = try await JobConsole(work: work).run(job)
        batch.add(outcome)
        if outcome.result.step.status != .cancelled, !outcome.result.isIncomplete {
          try share?.add(.init(outcome.report, output: result))
        }
      } catch {
        guard plan.results.count > 1 else { throw error }
        Terminal.complain(error)
        batch.failed += 1
      }
    }
    return batch
  }
}

extension SharedBatch.Item {
  /// - Parameter output: the path of the result.
  fileprivate init(_ report: TransferReport, output: String) {
    let losses = report.losses
    self.init(
      output: output, photo: report.content, width: report.size.width, height: report.size.height,
      seconds: report.seconds,
      losses: ["total": losses.total, "content": losses.content, "style": losses.style.total])
  }
}

extension Recipe {
  /// The recipe with one of its styles by itself.
  fileprivate func with(_ style: String, at index: Int) -> Recipe {
    var recipe = self
    recipe.style = [style]
    if let scales = styleScale, scales.count > 1 { recipe.styleScale = [scales[index]] }
    return recipe
  }
}
