import Files
import Foundation
import Impasto
import Pictures

/// Smooths the results, and writes them in parts.
final class FilmSink {
  private(set) var parts: FilmParts
  /// The frames that were written.
  private(set) var count = 0
  private(set) var smoothingSeconds = 0.0
  private(set) var encodingSeconds = 0.0
  private let plan: FilmPlan
  /// The encoding of parts; nil for numbered frames.
  private let encoding: FilmEncoding?
  /// Whether the last result of a part is kept, to continue from.
  private let keepsLast: Bool
  private let framesPerPart: Int
  private let preview: Bool
  private var window: FilmWindow?
  private var open: OpenPart?
  /// Whether smoothing continues from the last result of an earlier run, if there is one.
  private var hasContinued = false
  #if Films
  private let smoothing: TemporalSmoothing?
  #endif

  /// The part that is being written.
  private struct OpenPart {
    let number: Int
    /// Nil for numbered frames, which are files of their own.
    let writer: FilmWriter?
    let timeBase: Ratio
    var timestamps: [Int] = []
    var last: PackedPicture?
  }

  /// - Parameters:
  ///   - parts: those of earlier runs, which are continued.
  ///   - smooth: the part of the result before, 0...1.
  ///   - preview: whether a window shows the results.
  init(_ plan: FilmPlan, parts: FilmParts, smooth: Double = 0, preview: Bool = false) throws {
    (self.plan, self.parts, self.preview) = (plan, parts, preview)
    encoding = try plan.output.partEncoding(plan.encoding)
    keepsLast = smooth > 0 || plan.output.keepsFramesApart
    framesPerPart = plan.output.keepsFramesApart ? 1 : Self.framesPerPart
    #if Films
    smoothing = smooth > 0 ? TemporalSmoothing(strength: Float(smooth), size: plan.size) : nil
    #endif
  }

  /// Does work that may fail. A failure before the first part is complete leaves nothing.
  func keepingParts<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch {
      if parts.parts.isEmpty { parts.remove() }
      throw error
    }
  }

  /// Smooths a result, and writes it unless it only leads in.
  ///
  /// - Returns: the smoothed result; nil if it was not written.
  /// - Throws: `FilmError`, `PictureError` and `FileError`.
  func write(_ item: FilmSource.Item, _ painted: PackedPicture) throws -> PackedPicture? {
    let result = try timed(\.smoothingSeconds) { try smoothed(painted, item.motion) }
    guard item.isWritten else { return nil }
    try timed(\.encodingSeconds) {
      if open == nil { try openPart(item) }
      let frame = FilmFrame(timestamp: item.frame.timestamp, picture: result)
      if let writer = open!.writer {
        try writer.write(frame)
      } else {
        try plan.output.writeFrame(
          result, number: parts.frameCount + open!.timestamps.count + 1)
      }
      open!.timestamps.append(frame.timestamp)
      open!.last = result
      if open!.timestamps.count == framesPerPart { try complete() }
      if preview {
        window = try window ?? FilmWindow(size: plan.size, film: plan.film)
        window!.show(result)
      }
    }
    count += 1
    return result
  }

  /// Completes the last part.
  ///
  /// - Throws: `FilmError` and `FileError`.
  func finish() throws {
    window?.close()
    try timed(\.encodingSeconds) { try complete() }
  }

  private func smoothed(_ painted: PackedPicture, _ motion: FrameMotion?) throws -> PackedPicture {
    #if Films
    guard let smoothing else { return painted }
    if let last = parts.parts.last, open == nil, !hasContinued {
      let file = try PictureFile(parts.statePath(last.number))
      smoothing.start(from: try file.packed(file.size))
    }
    hasContinued = true
    return try smoothing.smoothed(painted, motion)
    #else
    return painted
    #endif
  }

  private func openPart(_ item: FilmSource.Item) throws {
    let number = parts.parts.count + 1
    let writer = try encoding.map {
      try FilmWriter(
        parts.path(number), size: plan.size, pixelAspect: item.pixelAspect,
        timeBase: item.timeBase, encoding: $0, like: plan.film)
    }
    open = OpenPart(number: number, writer: writer, timeBase: item.timeBase)
  }

  private func complete() throws {
    guard let part = open, let first = part.timestamps.first, let last = part.timestamps.last
    else { return }
    open = nil
    try part.writer?.finish()
    if keepsLast {
      try part.last!.write(to: parts.statePath(part.number), PictureEncoding(format: .png))
    }
    // The last frame is shown as long as the one before it.
    let usual = max(1, Int((1 / (plan.film.frameRate.value * part.timeBase.value)).rounded()))
    let step = part.timestamps.dropLast().last.map { last - $0 } ?? usual
    try parts.complete(
      FilmParts.Part(
        number: part.number, frames: part.timestamps.count, first: first, last: last,
        end: last + step, timeBase: part.timeBase))
  }

  private func timed<Value>(
    _ seconds: ReferenceWritableKeyPath<FilmSink, Double>, _ body: () throws -> Value
  ) rethrows -> Value {
    let start = ContinuousClock.now
    defer { self[keyPath: seconds] += (ContinuousClock.now - start) / .seconds(1) }
    return try body()
  }

  /// A crash costs at most the work on so many frames.
  private static let framesPerPart = 120
}
