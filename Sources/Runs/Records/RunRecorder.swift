import Files
import Foundation
import Impasto
import Pictures

/// Keeps the record of a transfer while it runs.
public struct RunRecorder: Sendable {
  /// Where.
  public var folder: String { place.path }
  private let newFolder: NewFolder
  private let place: RunFolder
  private let prepared: RecipeTransfer
  private let hasMetadata: Bool
  private var log = LossLog()
  private var schedule = FrameSchedule()
  private let events: EventFile

  /// What frames are compressed with: they are many, and made while the transfer waits.
  private static let frameQuality = 92

  /// Makes the folder and writes the recipe.
  ///
  /// - Throws: `RecordError` if the folder exists or cannot be made, and `FileError.unwritable`.
  public init(folder: String, _ prepared: RecipeTransfer, hasMetadata: Bool = true) throws {
    self.prepared = prepared
    self.hasMetadata = hasMetadata
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

  /// Takes a step.
  ///
  /// - Parameter seconds: since the start.
  /// - Throws: `FileError.unwritable`.
  public mutating func record(_ step: TransferStep, seconds: Double) throws {
    log.add(step, seconds: seconds)
    try events.add(log.rows.last!)
    guard
      schedule.wants(
        iteration: step.iteration, scale: step.scale, isLast: step.status != .running)
    else { return }
    let path = "\(place.frames)/" + String(format: "%06d.jpg", step.iteration)
    let picture = try step.picture()
    let encoding = PictureEncoding(format: .jpg, quality: Self.frameQuality)
    let data = try Picture(pixels: picture.pixels).encoded(encoding, path: path)
    try AtomicFile.write(data, to: path)
    try events.add(data, size: picture.size, iteration: step.iteration)
  }

  /// Completes the record with its animation, its report and, last, the result.
  ///
  /// - Throws: `FileError.unwritable`.
  public func finish(_ last: TransferStep) async throws {
    try events.finish()
    try AtomicFile.write(Data(log.csv.utf8), to: place.losses)
    let frames = try FrameSequence(folder: place.frames)
    try frames.animation(longestSide: Self.animationSide).write(to: place.animation)
    let result = try last.picture()
    let report = try Report(
      recipe: prepared.recipe, provenance: prepared.provenance, log: log,
      photo: prepared.photo == nil ? nil : prepared.transfer.content, result: result,
      frames: frames, title: (folder as NSString).lastPathComponent, status: "\(last.status)")
    try AtomicFile.write(Data(report.html().utf8), to: place.report)
    try result.write(
      to: place.result, prepared.encoding(path: place.result, hasMetadata: hasMetadata))
  }

  /// Removes what there is of the record after a failure.
  public func abandon() { newFolder.remove() }

  private static let animationSide = 480
}
