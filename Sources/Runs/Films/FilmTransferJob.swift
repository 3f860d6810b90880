import Files
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
  public let film: FilmFile
  public let output: FilmOutput
  public let settings: FilmSettings
  public let shard: Shard
  public let resumes: Bool
  public let size: PixelSize
  private let recipe: Recipe
  private let threads: Int?
  private let range: FilmRange
  private let encoding: FilmEncoding?

  /// Prepares the optimization of a film, before anything is written.
  ///
  /// - Throws: `FilmError`, `SettingError` and `FileError`.
  public init(
    _ path: String, output: String, recipe: Recipe, settings: FilmSettings = FilmSettings(),
    shard: Shard = .whole, resumes: Bool = false, threads: Int? = nil
  ) throws {
    try settings.check()
    film = try FilmFile(path, frameRate: settings.rate)
    self.output = try FilmOutput(output, keepsFramesApart: true)
    encoding = try self.output.encoding(settings)
    (self.settings, self.shard, self.resumes) = (settings, shard, resumes)
    (self.recipe, self.threads) = (recipe, threads)
    let own = recipe.resultSize(of: film.size)
    size = encoding?.needsEvenSides == true ? own.even : own
    range = try FilmRange(film, settings, shard)
    try self.output.checkWritable()
  }

  /// Optimizes the film. A cancellation of the task stops it: the pictures so far become the film, and
  /// its parts stay to continue from.
  ///
  /// - Parameter progress: receives the progress after each picture.
  /// - Throws: `FilmError`, `FilmPartsError`, `FileError` and the errors of ``TransferJob``.
  public func run(progress: (FilmJob.Progress) -> Void) async throws -> FilmJob.Result {
    try output.prepare(resumes: resumes)
    let parts = try FilmParts(
      output: output.path, shard: shard, identity: try identity(shards: shard.count),
      container: output.partExtension, resumes: resumes)
    let earlier = parts.parts.reduce(0) { $0 + $1.frames }
    let source = FilmSource(
      film, size: size, range: range, rate: settings.rate, after: parts.parts.last,
      estimatesMotion: true, leadIn: 0)
    let sink = FilmSink(
      output, parts: parts, film: film, size: size, encoding: try output.partEncoding(encoding),
      keepsLast: true)
    var times = FilmStages()
    do {
      times.network = try await optimize(source, sink, parts) { count in
        progress(
          FilmJob.Progress(
            frames: earlier + count,
            allFrames: range.frames(film, settings.rate).map { max($0, earlier + count) }))
      }
    } catch {
      if sink.parts.parts.isEmpty { sink.parts.remove() }
      throw error
    }
    (times.decoding, times.flow) = (source.decodingSeconds, source.flowSeconds)
    times.encoding = sink.encodingSeconds
    let wasCanceled = Task.isCancelled
    if !wasCanceled { try sink.parts.finish() }
    guard earlier + sink.count > 0 else {
      sink.parts.remove()
      guard !wasCanceled else {
        return FilmJob.Result(
          output: nil, size: size, frames: 0, earlierFrames: 0, wasCanceled: true, stages: times,
          notes: [])
      }
      throw FilmError.unreadable(
        path: film.path, reason: "there are no frames in this part of it")
    }
    let notes =
      shard.count == 1 ? try completion.join([sink.parts], keepsParts: wasCanceled) : []
    return FilmJob.Result(
      output: shard.count == 1 ? output.path : nil, size: size, frames: sink.count,
      earlierFrames: earlier, wasCanceled: wasCanceled, stages: times, notes: notes)
  }

  /// Joins the parts of all shards to the film, and removes them.
  ///
  /// - Returns: what could not be kept: sentences that name the film.
  /// - Throws: `FilmPartsError`, `FilmError` and `FileError`.
  public func join() throws -> [String] {
    try completion.join(
      FilmParts.finished(output: output, identity: { try identity(shards: $0) }),
      keepsParts: false)
  }

  /// Whether there are parts to continue from.
  public var hasParts: Bool { InputFile.isFolder(FilmParts.path(of: output.path)) }

  private var completion: FilmCompletion {
    FilmCompletion(
      output, film: film, range: range, encoding: encoding, comment: recipe.text())
  }

  private func identity(shards: Int) throws -> FilmParts.Identity {
    let files = try (film.kind == .file ? [film.path] : []) + RecipeInputs(recipe).all.map(\.path)
    return FilmParts.Identity(
      recipe: recipe.text(), settings: settings, size: size.description,
      digests: try files.map { try FileDigest.sha256(ofFile: $0) }, shards: shards)
  }

  /// Optimizes the pictures in order.
  ///
  /// - Returns: the seconds that it took.
  private func optimize(
    _ source: FilmSource, _ sink: FilmSink, _ parts: FilmParts, progress: (Int) -> Void
  ) async throws -> Double {
    let read = FilmQueue<FilmSource.Item>(capacity: 2)
    let ended = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let source = source
    Thread.detachNewThread {
      var number = 0
      do {
        try source.run { item in
          defer { number += 1 }
          return read.append(item, number: number)
        }
        read.end()
      } catch { read.end(error) }
      ended.signal()
    }
    defer {
      read.end()
      Self.wait(ended)
    }
    let networks = NetworkCache()
    var seconds = 0.0
    var before = try parts.parts.last.map {
      try Picture(contentsOf: parts.statePath($0.number))
    }
    while !Task.isCancelled, let (_, item) = try read.next() {
      let start = ContinuousClock.now
      guard let result = try await result(item, after: before, parts.framePath, networks) else {
        break
      }
      seconds += (ContinuousClock.now - start) / .seconds(1)
      _ = try sink.write(item, result)
      before = result.picture
      progress(sink.count)
    }
    unlink(parts.framePath)
    try sink.finish()
    return seconds
  }

  private static func wait(_ semaphore: DispatchSemaphore) { semaphore.wait() }

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
    let step = try await RecipeTransfer(recipe, networks: networks, threads: threads) { options in
      guard let target else { return }
      options.temporal = target
      options.start = .picture(frame.picture.replaced(by: target.picture, where: target.trust))
      options.iterations = max(Self.leastSteps, options.mostIterations / Self.share)
      options.scales = 1
    }.transfer.run()
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
