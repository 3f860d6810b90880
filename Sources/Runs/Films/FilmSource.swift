import Foundation
import Impasto
import Pictures

/// Reads the frames of a part of a film, and estimates how they move.
final class FilmSource {
  /// A frame on its way through the stages.
  struct Item: Sendable {
    let frame: FilmFrame
    /// The movement from the frame before; nil for the first one, and without smoothing.
    let motion: FrameMotion?
    /// Whether its result is written, rather than only led in from.
    let isWritten: Bool
    /// The unit of time stamps in seconds.
    let timeBase: Ratio
    let pixelAspect: Ratio?
  }

  private(set) var decodingSeconds = 0.0
  private(set) var flowSeconds = 0.0
  private(set) var complaints: [String] = []
  private let film: FilmFile
  private let size: PixelSize
  private let range: FilmRange
  private let rate: Ratio?
  private let lastPart: FilmParts.Part?
  private let estimatesMotion: Bool
  private let leadIn: Int

  /// - Parameters:
  ///   - lastPart: the part to continue after; nil for the start.
  ///   - leadIn: the number of frames before the range that are repainted, but not written.
  init(
    _ film: FilmFile, size: PixelSize, range: FilmRange, rate: Ratio?,
    after lastPart: FilmParts.Part?, estimatesMotion: Bool, leadIn: Int
  ) {
    (self.film, self.size, self.range, self.rate) = (film, size, range, rate)
    (self.lastPart, self.estimatesMotion, self.leadIn) = (lastPart, estimatesMotion, leadIn)
  }

  /// Frames that a thread reads ahead.
  struct Reading: Sendable {
    let queue = FilmQueue<Item>(capacity: 2)
    fileprivate let ended = DispatchSemaphore(value: 0)

    /// Stops the thread, unless it has ended, and waits for it.
    func end() {
      queue.end()
      ended.wait()
      ended.signal()
    }
  }

  /// Starts to read on another thread, which uses the source until `end()` of what this returns.
  func start() -> Reading {
    let reading = Reading()
    nonisolated(unsafe) let source = self
    Thread.detachNewThread {
      var number = 0
      do {
        try source.run { item in
          defer { number += 1 }
          return reading.queue.append(item, number: number)
        }
        reading.queue.end()
      } catch { reading.queue.end(error) }
      reading.ended.signal()
    }
    return reading
  }

  /// Reads to the end of the range.
  ///
  /// - Parameter body: receives each frame, and returns whether to go on.
  /// - Throws: `FilmError` and `FilterFailure`.
  private func run(_ body: (Item) -> Bool) throws {
    let unit = lastPart?.timeBase.value ?? 0
    let from = lastPart.map { Double($0.last) * unit - film.startTime } ?? range.start
    let lead = leadIn > 0 && lastPart == nil ? Double(leadIn) / film.frameRate.value : 0
    let reader = try FilmReader(
      film, size: size, start: max(0, from - lead - Self.margin),
      rate: film.kind == .folder ? nil : rate)
    defer { complaints = reader.complaints }
    #if Films
    let estimator = estimatesMotion ? try MotionEstimator(size) : nil
    #endif
    // Time stamps are rounded to the unit.
    let tolerance = reader.timeBase.value / 2
    while let frame = try timed(\.decodingSeconds, { try reader.next() }) {
      let time = Double(frame.timestamp) * reader.timeBase.value - film.startTime
      if let end = range.end, time >= end - tolerance { break }
      var isWritten = time >= range.start - tolerance
      if let lastPart {
        guard frame.timestamp >= lastPart.last else { continue }
        isWritten = frame.timestamp > lastPart.last
      } else {
        guard time >= range.start - lead - tolerance else { continue }
      }
      var motion: FrameMotion?
      #if Films
      motion = try timed(\.flowSeconds) { try estimator?.motion(to: frame.picture) }
      #endif
      // The result of the last part's last frame is known.
      if lastPart?.last == frame.timestamp { continue }
      let item = Item(
        frame: frame, motion: motion, isWritten: isWritten, timeBase: reader.timeBase,
        pixelAspect: reader.pixelAspect)
      guard body(item) else { break }
    }
  }

  private func timed<Value>(
    _ seconds: ReferenceWritableKeyPath<FilmSource, Double>, _ body: () throws -> Value
  ) rethrows -> Value {
    let start = ContinuousClock.now
    defer { self[keyPath: seconds] += (ContinuousClock.now - start) / .seconds(1) }
    return try body()
  }

  /// Seconds that are decoded before the first frame, because seeking is not exact.
  private static let margin = 1.0
}
