import Files
import Foundation
import Impasto
import Pictures

/// Keeps the record of a transfer while it runs.
public struct RunRecorder: Sendable {
  /// The path of the record's folder.
  public var folder: String { place.path }
  private let newFolder: NewFolder
  private let place: RunFolder
  private let prepared: RecipeTransfer
  private let includesMetadata: Bool
  private var log = LossLog()
  private var schedule = FrameSchedule()
  private let events: EventFile

  /// The JPEG quality of frames, which are many and delay the transfer.
  private static let frameQuality = 92

  /// Makes the folder and writes the recipe.
  ///
  /// - Throws: `FileError` if the folder exists or cannot be created, and `RecordError`.
  public init(folder: String, _ prepared: RecipeTransfer, includesMetadata: Bool = true) throws {
    self.prepared = prepared
    self.includesMetadata = includesMetadata
    newFolder = try NewFolder(folder)
    do {
      place = try RunFolder(in: newFolder)
      let text = prepared.recipe.text(madeWith: prepared.provenance)
      try AtomicFile.write(Data(text.utf8), to: place.recipe)
      events = try EventFile(in: place.path, recipe: prepared.recipe)
    } catch {
      newFolder.remove()
      throw error
    }
  }

  /// Adds a step.
  ///
  /// - Parameter seconds: since the start.
  /// - Throws: `FileError.unwritable`.
  public mutating func record(_ step: TransferStep, seconds: Double) throws {
    log.add(step, seconds: seconds)
    try events.add(log.rows.last!)
    guard
      schedule.hasFrame(
        iteration: step.iteration, scale: step.scale, isLast: step.status != .running)
    else { return }
    let path = "\(place.frames)/" + String(format: "%06d.jpg", step.iteration)
    let picture = try step.picture()
    let encoding = PictureEncoding(format: .jpg, quality: Self.frameQuality)
    let data = try picture.encoded(encoding, path: path)
    try AtomicFile.write(data, to: path)
    try events.add(data, size: picture.size, iteration: step.iteration)
  }

  /// Completes the record with its animation, its report and, last, the result.
  ///
  /// - Parameters:
  ///   - result: the picture of the last step.
  ///   - failure: the error that ended the run; nil for a run that reached its end.
  /// - Returns: the record.
  /// - Throws: `FileError.unwritable`.
  @discardableResult
  public func finish(_ last: TransferStep, _ result: Picture, failure: (any Error)? = nil)
    async throws -> RunRecord
  {
    try events.finish(succeeded: failure == nil)
    try AtomicFile.write(Data(log.csv.utf8), to: place.losses)
    let frames = try FrameSequence(folder: place.frames)
    try frames.animation(longestSide: Self.animationSide).write(to: place.animation)
    let report = try Report(
      recipe: prepared.recipe, provenance: prepared.provenance, log: log,
      photo: prepared.photo == nil ? nil : prepared.transfer.content, result: result,
      frames: frames, title: (folder as NSString).lastPathComponent,
      status: failure.map { "failed: \($0)" } ?? "\(last.status)")
    try AtomicFile.write(Data(report.html().utf8), to: place.report)
    try result.write(
      to: place.result, prepared.encoding(path: place.result, includesMetadata: includesMetadata))
    return RunRecord(folder: place, recipe: prepared.recipe, log: log)
  }

  /// Removes the unfinished record after a failure.
  public func abandon() { newFolder.remove() }

  private static let animationSide = 480
}
