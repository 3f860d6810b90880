import Engine
import Files
import Foundation
import Impasto
import Pictures

/// A film that a one-pass network repaints.
///
/// Decoding and optical flow, the network, and smoothing and encoding run at the same time, each on a
/// thread of its own; the programs of ffmpeg are further processes. A few frames are in memory at any
/// time, however long the film is.
public struct FilmJob {
  /// The film: a file, or a folder of numbered frames.
  public let film: FilmFile
  /// The file to write, or a folder for numbered frames.
  public let output: FilmOutput
  public let settings: FilmSettings
  /// The part of the film that is repainted.
  public let shard: Shard
  /// Whether to continue after the parts of an earlier run.
  public let resumes: Bool
  /// The size of the result.
  public let size: PixelSize
  private let painter: StylizeJob
  private let range: FilmRange
  private let encoding: FilmEncoding?
  private let preview: Bool

  /// Prepares the repainting of a film, before anything is written.
  ///
  /// - Parameter preview: whether a window shows the results.
  /// - Throws: `FilmError`, `SettingError` and `FileError`.
  public init(
    _ path: String, output: String, painter: StylizeJob, settings: FilmSettings = FilmSettings(),
    shard: Shard = .whole, resumes: Bool = false, preview: Bool = false
  ) throws {
    try settings.check()
    film = try FilmFile(path, frameRate: settings.rate)
    self.output = try FilmOutput(output)
    encoding = try self.output.encoding(settings)
    guard shard.count == 1 || encoding != nil else {
      throw SettingError(
        "shard", value: "\(shard)", problem: "needs a film as its output, not a folder of frames.")
    }
    (self.settings, self.shard, self.resumes) = (settings, shard, resumes)
    (self.painter, self.preview) = (painter, preview)
    let own = painter.recipe.size == nil ? film.size : painter.recipe.resultSize(of: film.size)
    size = encoding?.needsEvenSides == true ? own.even : own
    range = try FilmRange(film, settings, shard)
    try self.output.checkWritable()
    try painter.checkColorMemory(size)
    try checkMemory()
  }

  /// What was done.
  public struct Result: Sendable {
    /// The path of the film; nil for a shard, whose parts are joined later.
    public let output: String?
    public let size: PixelSize
    /// The frames of this run, and of those before that it continued.
    public let frames: Int
    public let earlierFrames: Int
    /// Whether the work was stopped before its end.
    public let wasCanceled: Bool
    /// The seconds that each stage worked; several work at the same time.
    public let stages: FilmStages
    /// What could not be kept, and what was damaged: sentences that name the film.
    public let notes: [String]
  }

  /// How far a film is.
  public struct Progress: Sendable {
    public let frames: Int
    /// Nil if the number is not known.
    public let allFrames: Int?
  }

  /// Repaints the film.
  ///
  /// After a cancellation the frames so far become the film, and its parts stay to continue from.
  ///
  /// - Parameters:
  ///   - isCanceled: whether to stop.
  ///   - progress: receives the progress after each frame.
  /// - Throws: `FilmError`, `FilmPartsError`, `FileError` and the errors of ``StylizeJob``.
  public func run(
    isCanceled: @escaping @Sendable () -> Bool = { false }, progress: @escaping (Progress) -> Void
  ) throws -> Result {
    let identity = try identity(shards: shard.count)
    try output.prepare(resumes: resumes)
    let parts = try FilmParts(
      output: output.path, shard: shard, identity: identity, container: output.partExtension,
      resumes: resumes)
    let earlier = parts.parts.reduce(0) { $0 + $1.frames }
    let source = FilmSource(
      film, size: size, range: range, rate: settings.rate, after: parts.parts.last,
      estimatesMotion: settings.usedSmooth > 0, leadIn: shard.index > 1 ? Self.leadIn : 0)
    let sink = FilmSink(
      output, parts: parts, film: film, size: size, encoding: encoding,
      smooth: settings.usedSmooth, keepsLast: settings.usedSmooth > 0, preview: preview)
    let expected = range.frames(film, settings.rate)
    let pipeline = FilmPipeline(
      source, try painters(), sink, depth: settings.usedSmooth > 0 ? .float : .eight,
      path: film.path)
    var times = FilmStages()
    do {
      times.network = try pipeline.run(isCanceled: isCanceled) { count in
        progress(
          Progress(frames: earlier + count, allFrames: expected.map { max($0, earlier + count) }))
      }
    } catch {
      if sink.parts.parts.isEmpty { sink.parts.remove() }
      throw error
    }
    let frames = sink.count
    (times.decoding, times.flow) = (source.decodingSeconds, source.flowSeconds)
    (times.smoothing, times.encoding) = (sink.smoothingSeconds, sink.encodingSeconds)
    var notes = source.complaints.isEmpty ? [] : [complaint(source.complaints)]
    if film.isHDR {
      notes.append("\(film.path): its colors were mapped to those of a usual screen.")
    }
    let wasCanceled = isCanceled()
    if !wasCanceled { try sink.parts.finish() }
    guard earlier + frames > 0 else {
      sink.parts.remove()
      guard !wasCanceled else {
        return Result(
          output: nil, size: size, frames: 0, earlierFrames: 0, wasCanceled: true, stages: times,
          notes: notes)
      }
      throw FilmError.unreadable(
        path: film.path, reason: "there are no frames in this part of it")
    }
    if shard.count == 1 {
      let joining = FilmCompletion(output, film: film, range: range, comment: comment)
      notes += try joining.join([sink.parts], keepsParts: wasCanceled)
    }
    return Result(
      output: shard.count == 1 ? output.path : nil, size: size, frames: frames,
      earlierFrames: earlier, wasCanceled: wasCanceled, stages: times, notes: notes)
  }

  /// Whether there are parts to continue from.
  public var hasParts: Bool { InputFile.isFolder(FilmParts.path(of: output.path)) }

  /// Joins the parts of all shards to the film, and removes them.
  ///
  /// - Returns: what could not be kept: sentences that name the film.
  /// - Throws: `FilmPartsError`, `FilmError` and `FileError`.
  public func join() throws -> [String] {
    let parts = try FilmParts.finished(output: output, identity: { try identity(shards: $0) })
    return try FilmCompletion(output, film: film, range: range, comment: comment).join(
      parts, keepsParts: false)
  }

  /// Checks that the frames that are under way fit in memory.
  private func checkMemory() throws {
    let needed = Double(Self.bytesUnderWay * size.width * size.height)
    guard needed > Double(painter.memory) else { return }
    throw SettingError(
      "size", value: "\(size)",
      problem:
        "needs \(AvailableMemory.text(needed)) of memory, and \(AvailableMemory.text(Double(painter.memory))) are available; choose a smaller size."
    )
  }

  /// For each pixel, of about ten frames in several forms, and of smoothing.
  private static let bytesUnderWay = 250

  /// The frames that a shard repaints before its own, so that its first results follow others.
  private static let leadIn = 8

  /// Networks that repaint one frame each: as many as threads, if their memory is small, because threads
  /// that work on one frame wait for each other.
  private func painters() throws -> [StylizeJob] {
    let threads = painter.threads
    let bytes = Double(Self.bytesPerPixel * size.width * size.height)
    let most = Int(Double(painter.memory) / 2 / bytes)
    let count = max(1, min(threads, most))
    guard count > 1 else { return [painter] }
    return try (0..<count).map { index in
      try painter.copy(threads: threads / count + (index < threads % count ? 1 : 0))
    }
  }

  /// What a network of 32 base channels needs in one piece.
  private static let bytesPerPixel = 1000

  private var comment: String { painter.recipe.text() }

  private func identity(shards: Int) throws -> FilmParts.Identity {
    FilmParts.Identity(
      recipe: painter.recipe.text(), settings: settings, size: size.description,
      digests: try ((film.kind == .file ? [film.path] : []) + painter.styleFiles.map(\.path)).map {
        try FileDigest.sha256(ofFile: $0)
      }, shards: shards)
  }

  private func complaint(_ messages: [String]) -> String {
    "\(film.path): parts of the film are damaged, and the result before stands for their frames: \(messages[0])."
  }
}

/// The seconds that each stage of a film worked.
public struct FilmStages: Sendable, Codable, Hashable {
  public var decoding = 0.0
  public var flow = 0.0
  public var network = 0.0
  public var smoothing = 0.0
  public var encoding = 0.0
}
