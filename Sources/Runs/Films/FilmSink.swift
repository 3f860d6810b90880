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
  private let output: FilmOutput
  private let film: FilmFile
  private let size: PixelSize
  private let encoding: FilmEncoding?
  private let keepsLast: Bool
  private let framesPerPart: Int
  private let preview: Bool
  private var window: FilmWindow?
  private var open: OpenPart?
  private var timeBase: Ratio?
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
    var frames: [Int] = []
    var last: PackedPicture?
  }

  /// - Parameters:
  ///   - encoding: nil for numbered frames.
  ///   - smooth: the part of the result before, 0...1.
  ///   - keepsLast: whether the last result of a part is kept, to continue from.
  init(
    _ output: FilmOutput, parts: FilmParts, film: FilmFile, size: PixelSize,
    encoding: FilmEncoding?, smooth: Double = 0, keepsLast: Bool, preview: Bool = false
  ) {
    (self.output, self.parts, self.film, self.size) = (output, parts, film, size)
    (self.encoding, self.keepsLast, self.preview) = (encoding, keepsLast, preview)
    framesPerPart = output.keepsFramesApart ? 1 : Self.framesPerPart
    #if Films
      smoothing = smooth > 0 ? TemporalSmoothing(strength: Float(smooth), size: size) : nil
    #endif
  }

  /// Smooths a result, and writes it unless it only leads in.
  ///
  /// - Returns: whether it was written.
  /// - Throws: `FilmError`, `PictureError` and `FileError`.
  func write(_ item: FilmSource.Item, _ painted: PackedPicture) throws -> Bool {
    let result = try timed(\.smoothingSeconds) { try smoothed(painted, item.motion) }
    guard item.isWritten else { return false }
    try timed(\.encodingSeconds) {
      timeBase = item.timeBase
      if let open, open.frames.count >= framesPerPart {
        try complete(end: item.frame.timestamp)
      }
      if open == nil { try openPart(item) }
      let frame = FilmFrame(timestamp: item.frame.timestamp, picture: result)
      if let writer = open!.writer {
        try writer.write(frame)
      } else {
        try output.writeFrame(
          result, number: framesBefore + open!.frames.count + 1)
      }
      open!.frames.append(frame.timestamp)
      open!.last = result
      if preview {
        window = try window ?? FilmWindow(size: size, film: film)
        window!.show(result)
      }
    }
    count += 1
    return true
  }

  /// Completes the last part.
  ///
  /// - Throws: `FilmError` and `FileError`.
  func finish() throws {
    window?.close()
    guard let open, let timeBase, let last = open.frames.last else { return }
    // The last frame is shown as long as the one before it.
    let usual = max(1, Int((1 / (film.frameRate.value * timeBase.value)).rounded()))
    let step = open.frames.count > 1 ? last - open.frames[open.frames.count - 2] : usual
    try timed(\.encodingSeconds) { try complete(end: last + step) }
  }

  private var framesBefore: Int { parts.parts.reduce(0) { $0 + $1.frames } }

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
        parts.path(number), size: size, pixelAspect: item.pixelAspect, timeBase: item.timeBase,
        encoding: $0, like: film)
    }
    open = OpenPart(number: number, writer: writer)
  }

  private func complete(end: Int) throws {
    guard let part = open, let first = part.frames.first, let last = part.frames.last else {
      return
    }
    open = nil
    try part.writer?.finish()
    if keepsLast {
      try part.last!.write(to: parts.statePath(part.number), PictureEncoding(format: .png))
    }
    try parts.complete(
      FilmParts.Part(
        number: part.number, frames: part.frames.count, first: first, last: last, end: end,
        timeBase: timeBase!))
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
