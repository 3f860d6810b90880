import Engine
import Foundation
import Impasto
import NetworkStore
import Pictures

/// A film whose pictures are optimized one after the other: Ruder, Dosovitskiy and Brox (2016), "Artistic
/// style transfer for videos".
///
/// Each picture starts from the result before it, moved along the film's motion where that is trusted, and
/// stays close to it there. Each result is kept by itself, so a film that is stopped loses one picture.
public struct FilmTransferJob: Sendable {
  public let plan: FilmPlan
  private let recipe: Recipe
  private let threads: Int?

  /// Prepares the optimization of a film, before anything is written.
  ///
  /// - Throws: `FilmError`, `SettingError` and `FileError`.
  public init(
    _ film: FilmFile, output: String, recipe: Recipe, settings: FilmSettings = FilmSettings(),
    shard: Shard = .whole, resumes: Bool = false, threads: Int? = nil
  ) throws {
    plan = try FilmPlan(
      film, output: FilmOutput(output, keepsFramesApart: true), recipe: recipe,
      size: recipe.resultSize(of: film.size), settings: settings, shard: shard, resumes: resumes,
      memory: AvailableMemory.bytes / 4 * 3)
    (self.recipe, self.threads) = (recipe, threads)
  }

  /// Optimizes the film. After a cancellation of the task the pictures so far become the film, and its parts
  /// stay to continue from.
  ///
  /// - Parameter progress: receives the progress after each picture.
  /// - Throws: `FilmError`, `FilmPartsError`, `FileError` and the errors of ``TransferJob``.
  public func run(
    progress: @escaping (FilmJob.Progress) -> Void
  ) async throws -> FilmJob.Result {
    let parts = try plan.openParts(inputs())
    let source = plan.source(after: parts, estimatesMotion: true)
    let sink = try FilmSink(plan, parts: parts)
    let seconds = try await sink.keepingParts {
      try await optimize(source, sink) {
        progress(plan.progress(parts.frameCount + $0, latest: $1))
      }
    }
    return try plan.complete(
      source, sink, networkSeconds: seconds, wasCanceled: Task.isCancelled)
  }

  /// Joins the parts of all shards to the film, and removes them.
  ///
  /// - Returns: what could not be kept: sentences that name the film.
  /// - Throws: `FilmPartsError`, `FilmError` and `FileError`.
  public func join() throws -> [String] { try plan.joinShards(inputs()) }

  private func inputs() throws -> [String] { try RecipeInputs(recipe).all.map(\.path) }

  /// Optimizes the pictures in order.
  ///
  /// - Returns: the seconds that it took.
  private func optimize(
    _ source: FilmSource, _ sink: FilmSink, progress: (Int, PackedPicture) -> Void
  ) async throws -> Double {
    let reading = source.start()
    defer { reading.end() }
    let path = sink.parts.framePath
    defer { unlink(path) }
    let networks = NetworkCache()
    var seconds = 0.0
    var before = try sink.parts.parts.last.map {
      try Picture(contentsOf: sink.parts.statePath($0.number))
    }
    while !Task.isCancelled, let (_, item) = try reading.queue.next() {
      let start = ContinuousClock.now
      guard let result = try await result(item, after: before, path, networks) else { break }
      seconds += (ContinuousClock.now - start) / .seconds(1)
      _ = try sink.write(item, result)
      before = result.picture
      progress(sink.count, result)
    }
    try sink.finish()
    return seconds
  }

  /// Optimizes a picture; nil after a cancellation.
  ///
  /// - Parameters:
  ///   - before: the result before; nil for the first picture.
  ///   - path: a temporary file for the picture.
  private func result(
    _ item: FilmSource.Item, after before: Picture?, _ path: String, _ networks: NetworkCache
  ) async throws -> PackedPicture? {
    let frame = item.frame.picture
    let target = try target(item.motion, before)
    try frame.write(to: path, PictureEncoding(format: .png))
    var recipe = recipe
    (recipe.content, recipe.size) = (path, .original)
    let prepared = try RecipeTransfer(
      recipe, networks: networks, threads: threads,
      adjust: { options in
        guard let target else { return }
        options.temporal = target
        options.start = .picture(frame.picture.replaced(by: target.picture, where: target.trust))
        options.iterations = max(
          Self.leastSteps, (options.iterations ?? options.quality.iterations) / Self.share)
        options.scales = 1
      })
    let step = try await prepared.transfer.run()
    guard step.status != .cancelled else { return nil }
    return PackedPicture(try step.picture(), depth: .eight)
  }

  /// The result before, moved to the picture; nil for the first picture of a scene, and in a build
  /// without optical flow.
  private func target(_ motion: FrameMotion?, _ before: Picture?) throws -> TemporalTarget? {
    #if Films
    guard let before, let motion, !motion.isCut else { return nil }
    return TemporalTarget(picture: try motion.moved(before), trust: motion.trustedPart)
    #else
    return nil
    #endif
  }

  /// A picture that starts from the result before is nearly done.
  private static let share = 3
  private static let leastSteps = 10
}
