import Foundation
import Impasto
import Pictures

/// A film that a one-pass network repaints.
///
/// Decoding and optical flow, the network, and smoothing and encoding run at the same time, each on a
/// thread of its own; the programs of ffmpeg are further processes. A few frames are in memory at any
/// time, however long the film is.
///
/// Only one thread at a time may use a job.
public struct FilmJob {
  public let plan: FilmPlan
  private let painter: StylizeJob
  private let preview: Bool

  /// Prepares the repainting of a film, before anything is written.
  ///
  /// - Parameter preview: whether a window shows the results.
  /// - Throws: `FilmError`, `SettingError` and `FileError`.
  public init(
    _ film: FilmFile, output: String, painter: StylizeJob, settings: FilmSettings = FilmSettings(),
    shard: Shard = .whole, resumes: Bool = false, preview: Bool = false
  ) throws {
    if preview, let obstacle = FilmWindow.obstacle {
      throw SettingError("preview", problem: "\(obstacle); leave it out.")
    }
    plan = try FilmPlan(
      film, output: FilmOutput(output), recipe: painter.recipe,
      size: painter.recipe.size == nil ? film.size : painter.recipe.resultSize(of: film.size),
      settings: settings, shard: shard, resumes: resumes, memory: painter.memory)
    (self.painter, self.preview) = (painter, preview)
    try painter.checkColorMemory(plan.size)
  }

  /// What was done.
  public struct Result: Sendable {
    /// The path of the film; nil for a shard, whose parts are joined later, and without frames.
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
    /// The last result.
    public let latest: PackedPicture
  }

  /// Repaints the film. After a cancellation of the task the frames so far become the film, and its parts
  /// stay to continue from.
  ///
  /// - Parameter progress: receives the progress after each frame.
  /// - Throws: `FilmError`, `FilmPartsError`, `FileError` and the errors of ``StylizeJob``.
  public func run(progress: @escaping (Progress) -> Void) async throws -> Result {
    let smooth = plan.settings.usedSmooth
    let parts = try plan.openParts(painter.inputPaths)
    let source = plan.source(after: parts, estimatesMotion: smooth > 0, leadIn: Self.leadIn)
    let sink = try FilmSink(plan, parts: parts, smooth: smooth, preview: preview)
    let pipeline = FilmPipeline(
      source, try painters(), sink, depth: smooth > 0 ? .float : .eight, path: plan.film.path)
    let seconds = try await sink.keepingParts {
      try await pipeline.run { progress(plan.progress(parts.frameCount + $0, latest: $1)) }
    }
    return try plan.complete(
      source, sink, networkSeconds: seconds, wasCanceled: Task.isCancelled)
  }

  /// Joins the parts of all shards to the film, and removes them.
  ///
  /// - Returns: what could not be kept: sentences that name the film.
  /// - Throws: `FilmPartsError`, `FilmError` and `FileError`.
  public func join() throws -> [String] { try plan.joinShards(painter.inputPaths) }

  /// The frames that a shard repaints before its own, so that its first results follow others.
  private static let leadIn = 8

  /// Networks that repaint one frame each: as many as threads, if their memory is small, because threads
  /// that work on one frame wait for each other.
  private func painters() throws -> [StylizeJob] {
    let threads = painter.threads
    let bytes = Double(Self.bytesPerPixel * plan.size.width * plan.size.height)
    let most = Int(Double(painter.memory) / 2 / bytes)
    let count = max(1, min(threads, most))
    guard count > 1 else { return [painter] }
    return try (0..<count).map { index in
      try painter.copy(threads: threads / count + (index < threads % count ? 1 : 0))
    }
  }

  /// What a network of 32 base channels needs in one piece.
  private static let bytesPerPixel = 1000
}

/// The seconds that each stage of a film worked.
public struct FilmStages: Sendable, Codable, Hashable {
  public let decoding: Double
  public let flow: Double
  public let network: Double
  public let smoothing: Double
  public let encoding: Double
}
