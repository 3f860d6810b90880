import Foundation
import Impasto
import Pictures

/// What happens during the run of a job.
public enum JobEvent: Sendable {
  /// The inputs were read and checked.
  case started(JobPlan)
  /// A problem that does not stop the run.
  case warning(String)
  /// An iteration ended, so many seconds after the start. The step makes a picture on demand.
  case step(TransferStep, seconds: Double)
  /// The iterations ended, and the record in this folder is being completed.
  case recording(folder: String)
  /// The run ended, after a cancellation with the last picture.
  case finished(JobResult)
  /// The run failed.
  case failed(JobFailure)
}

/// What a job is going to compute.
public struct JobPlan: Sendable {
  /// The settings, all of them resolved.
  public let recipe: Recipe
  /// The photo; nil for a texture.
  public let photo: PictureFile?
  /// The size of the result.
  public let size: PixelSize
  /// The paintings with the sizes that they are used at.
  public let styles: [(file: PictureFile, size: PixelSize, weight: Double)]
  /// The number of sizes that the picture goes through.
  public let scales: Int
  /// The most iterations.
  public let iterations: Int
  /// The use of memory.
  public let memory: MemoryPlan
  /// The iteration that the run continues from; 0 for a run from its start.
  public let firstIteration: Int

  init(_ prepared: RecipeTransfer, firstIteration: Int) {
    self.firstIteration = firstIteration
    recipe = prepared.recipe
    photo = prepared.photo
    size = prepared.size
    styles = prepared.styles
    scales = prepared.transfer.scales
    memory = prepared.memory
    iterations = prepared.transfer.iterations.reduce(0, +)
  }
}

/// The result of a job.
public struct JobResult: Sendable {
  /// The plan that was computed.
  public let plan: JobPlan
  /// The last step, whose status says why the run ended.
  public let step: TransferStep
  /// The picture of the last step.
  public let picture: Picture
  /// The seconds from the start to the last step.
  public let seconds: Double
  /// The path of the result; nil if the job has none, or left none.
  public let output: String?
  /// The record; nil if the job has none, or left none.
  public let record: RunRecord?
  /// The path that names the checkpoint of a canceled run: the record's folder or the output. Nil
  /// without one.
  public let resumable: String?
  /// Whether frames or a part of the record are missing, because they could not be written.
  public let isIncomplete: Bool

  /// The picture as a reader of its file sees it, shrunk to a contact sheet's cell.
  ///
  /// - Throws: `PictureError` if memory runs out.
  public func thumbnail(side: Int) throws -> Picture {
    try picture.asWritten(bitDepth: plan.recipe.bitDepth!).thumbnail(side: side)
  }
}

/// The reason why a job failed.
public struct JobFailure: Error, Sendable, CustomStringConvertible {
  /// The error that ended the run.
  public let cause: any Error
  /// The last good picture, if it was kept.
  public let kept: KeptPicture?
  /// The path that names the checkpoint of the run: the record's folder or the output. Nil without
  /// one.
  public var resumable: String?

  /// A picture that was kept after a failure.
  public struct KeptPicture: Sendable, Hashable {
    /// The number of iterations that it went through.
    public let iteration: Int
    /// The path of its file.
    public let path: String
  }

  /// The key of the setting that the failure is about, if there is one.
  public var key: String? {
    let error = (cause as? InputError)?.cause ?? cause
    return (error as? SettingError)?.key
  }

  /// Whether and where the last good picture was kept, as a sentence.
  public var keptDescription: String? {
    kept.map { "The picture after iteration \($0.iteration) is in \($0.path)." }
  }

  public var description: String {
    ["\(cause)", keptDescription].compactMap(\.self).joined(separator: " ")
  }
}
