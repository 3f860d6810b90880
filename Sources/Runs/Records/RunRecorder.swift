import Files
import Foundation
import Impasto
import Pictures

/// Keeps the record of a transfer while it runs.
///
/// Losses, frames and events are on disk after each step. A lock keeps other processes out of the
/// folder.
public struct RunRecorder: Sendable {
  /// The path of the record's folder.
  public var folder: String { place.path }
  private let place: RunFolder
  private let lock: FolderLock
  /// What this process created; nil for a record that an earlier process began.
  private let created: NewFolder?
  private let prepared: RecipeTransfer
  private let includesMetadata: Bool
  private var log = LossLog()
  private var schedule = FrameSchedule()
  private let events: EventFile
  private var losses: AppendedFile?

  /// The JPEG quality of frames, which are many and delay the transfer.
  private static let frameQuality = 92

  /// Makes the folder and writes the recipe.
  ///
  /// - Throws: `FileError` if the folder exists or cannot be created.
  public init(folder: String, _ prepared: RecipeTransfer, includesMetadata: Bool = true) throws {
    self.prepared = prepared
    self.includesMetadata = includesMetadata
    let record = try NewFolder(folder)
    created = record
    place = RunFolder(in: record.path)
    do {
      lock = try FolderLock(place.path)
      try record.createFolder("frames")
      let text = prepared.recipe.text(madeWith: prepared.provenance)
      try AtomicFile.write(Data(text.utf8), to: record.file("recipe.toml"))
      events = try EventFile(
        record.file(EventFile.newName), settings: prepared.recipe.values)
      for name in RunFolder.laterFiles + [FolderLock.name] { _ = record.file(name) }
    } catch {
      record.remove()
      throw error
    }
  }

  /// Goes on with the record of a run that was stopped.
  ///
  /// - Parameter iteration: the iteration that the run continues from. What the record has of later
  ///   ones is replaced.
  /// - Throws: `FileError` if another process works in the folder, and `RecordError` for a damaged
  ///   record.
  init(
    resuming folder: String, _ prepared: RecipeTransfer, after iteration: Int,
    includesMetadata: Bool
  ) throws {
    self.prepared = prepared
    self.includesMetadata = includesMetadata
    place = RunFolder(in: folder)
    lock = try FolderLock(place.path)
    RunFolder.removeTemporaryFiles(place.path)
    created = nil
    if FileManager.default.fileExists(atPath: place.losses) {
      log = try LossLog(path: place.losses)
      log.truncate(after: iteration)
      if log.rows.isEmpty { unlink(place.losses) }
    }
    for row in log.rows
    where !schedule.hasFrame(iteration: row.iteration, scale: row.scale, isLast: false) {
      // The frame of an end that was none.
      unlink("\(place.frames)/\(RunFolder.frameName(row.iteration))")
    }
    if !log.rows.isEmpty { try AtomicFile.write(Data(log.csv.utf8), to: place.losses) }
    events = try EventFile(
      "\(place.path)/\(EventFile.newName)", settings: prepared.recipe.values)
  }

  /// Adds a step.
  ///
  /// - Parameter seconds: since the start.
  /// - Throws: `FileError.unwritable`.
  public mutating func record(_ step: TransferStep, seconds: Double) throws {
    let hasFrame = schedule.hasFrame(
      iteration: step.iteration, scale: step.scale, isLast: step.status != .running)
    // A canceled run reports its last iteration once more.
    if step.iteration != log.rows.last?.iteration {
      log.add(step, seconds: seconds)
      try append()
    }
    guard hasFrame else { return }
    let name = "frames/\(RunFolder.frameName(step.iteration))"
    let path = created?.file(name) ?? "\(place.path)/\(name)"
    let picture = try step.picture()
    let encoding = PictureEncoding(format: .jpg, quality: Self.frameQuality)
    let data = try picture.encoded(encoding, path: path)
    try AtomicFile.write(data, to: path)
    try events.add(data, size: picture.size, iteration: step.iteration)
  }

  /// Appends the last row of the log to the files on disk.
  private mutating func append() throws {
    let line = (log.rows.count == 1 ? log.header : "") + log.lastLine
    if losses == nil { losses = try AppendedFile(place.losses) }
    try losses!.append(Data(line.utf8))
    try events.add(log.rows.last!.losses, iteration: log.rows.last!.iteration)
  }

  /// Completes the record with its animation, its report and, last, the result.
  ///
  /// The result is written even if the rest cannot be.
  ///
  /// - Parameters:
  ///   - result: the picture of the last step.
  ///   - failure: the error that ended the run; nil for a run that reached its end.
  /// - Returns: the record, and the first error of a part that is missing from it.
  /// - Throws: `FileError.unwritable` if the result cannot be written.
  @discardableResult
  public func finish(_ last: TransferStep, _ result: Picture, failure: (any Error)? = nil)
    async throws -> (record: RunRecord, problem: (any Error)?)
  {
    var problem: (any Error)?
    do {
      try addSummary(last, result, failure: failure)
    } catch {
      problem = error
    }
    try result.write(
      to: place.result, prepared.encoding(path: place.result, includesMetadata: includesMetadata))
    return (RunRecord(folder: place, recipe: prepared.recipe, log: log), problem)
  }

  private func addSummary(_ last: TransferStep, _ result: Picture, failure: (any Error)?) throws {
    try events.finish(succeeded: failure == nil)
    let frames = try FrameSequence(folder: place.frames)
    try frames.animation(longestSide: Self.animationSide).write(to: place.animation)
    let report = try Report(
      recipe: prepared.recipe, provenance: prepared.provenance, log: log,
      photo: prepared.photo == nil ? nil : prepared.transfer.content, result: result,
      frames: frames, title: (folder as NSString).lastPathComponent,
      status: failure.map { "failed: \($0)" } ?? "\(last.status)")
    try AtomicFile.write(Data(report.html().utf8), to: place.report)
  }

  /// Removes the unfinished record after a failure, as far as this process wrote it.
  public func abandon() { created?.remove() }

  private static let animationSide = 480
}
