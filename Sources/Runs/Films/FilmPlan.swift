import Engine
import Files
import Impasto
import Pictures

/// A film to repaint, whatever repaints its pictures: where it comes from, where it goes, and how it goes on
/// after it was stopped.
public struct FilmPlan: Sendable {
  /// The film: a file, a folder of numbered frames, or a camera.
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
  let range: FilmRange
  let encoding: FilmEncoding?
  private let recipe: Recipe

  /// Checks everything that can be checked before anything is written.
  ///
  /// - Parameters:
  ///   - recipe: the settings of the pictures.
  ///   - size: the size of the film's result, which may lose a pixel to be even.
  ///   - memory: the memory that may be used, in bytes.
  /// - Throws: `FilmError`, `SettingError` and `FileError`.
  init(
    _ film: FilmFile, output: FilmOutput, recipe: Recipe, size: PixelSize, settings: FilmSettings,
    shard: Shard, resumes: Bool, memory: Int
  ) throws {
    try settings.check()
    (self.film, self.output, self.recipe) = (film, output, recipe)
    (self.settings, self.shard, self.resumes) = (settings, shard, resumes)
    encoding = try output.encoding(settings)
    guard shard.count == 1 || encoding != nil else {
      throw SettingError(
        "shard", value: "\(shard)", problem: "needs a film as its output, not a folder of frames.")
    }
    self.size = encoding?.needsEvenSides == true ? size.even : size
    range = try FilmRange(film, settings, shard)
    try output.checkWritable()
    try Self.checkMemory(self.size, memory)
  }

  /// Checks that the frames that are under way fit in memory.
  private static func checkMemory(_ size: PixelSize, _ memory: Int) throws {
    let needed = Double(bytesUnderWay * size.width * size.height)
    guard needed > Double(memory) else { return }
    throw SettingError(
      "size", value: "\(size)",
      problem:
        "needs \(AvailableMemory.text(needed)) of memory, and \(AvailableMemory.text(Double(memory))) are available; choose a smaller size."
    )
  }

  /// For each pixel, of about ten frames in several forms, and of smoothing.
  private static let bytesUnderWay = 250

  /// Whether there are parts to continue from.
  public var hasParts: Bool { InputFile.isFolder(FilmParts.path(of: output.path)) }

  /// Opens the folder of the parts, or makes it.
  ///
  /// - Parameter files: the paths of the files that the pictures' look depends on.
  /// - Throws: `FilmPartsError`, `FilmError` and `FileError`.
  func openParts(_ files: [String]) throws -> FilmParts {
    let identity = try identity(files, shards: shard.count)
    try output.prepare(resumes: resumes)
    return try FilmParts(
      output: output.path, shard: shard, identity: identity, container: output.partExtension,
      resumes: resumes)
  }

  /// The film's frames from the end of the parts on.
  ///
  /// - Parameter leadIn: the number of frames before a shard that are repainted, but not written.
  func source(after parts: FilmParts, estimatesMotion: Bool, leadIn: Int = 0) -> FilmSource {
    FilmSource(
      film, size: size, range: range, rate: settings.rate, after: parts.parts.last,
      estimatesMotion: estimatesMotion, leadIn: shard.index > 1 ? leadIn : 0)
  }

  /// The progress after a number of frames, and the last of them.
  func progress(_ frames: Int, latest: PackedPicture) -> FilmJob.Progress {
    FilmJob.Progress(
      frames: frames, allFrames: range.frames(film, settings.rate).map { max($0, frames) },
      latest: latest)
  }

  /// Completes a film whose pictures were repainted as far as possible.
  ///
  /// - Parameters:
  ///   - networkSeconds: the time of repainting.
  ///   - wasCanceled: whether the parts stay, to continue from.
  /// - Throws: `FilmError` and `FileError`.
  func complete(
    _ source: FilmSource, _ sink: FilmSink, networkSeconds: Double, wasCanceled: Bool
  ) throws -> FilmJob.Result {
    let parts = sink.parts
    var notes = source.complaints.first.map { [complaint($0)] } ?? []
    if film.isHDR {
      notes.append("\(film.path): its colors were mapped to those of a usual screen.")
    }
    if parts.parts.isEmpty {
      parts.remove()
      guard wasCanceled else {
        throw FilmError.unreadable(
          path: film.path, reason: "there are no frames in this part of it")
      }
    } else {
      if !wasCanceled { try parts.finish() }
      if shard.count == 1 { notes += try join([parts], keepsParts: wasCanceled) }
    }
    return FilmJob.Result(
      output: shard.count == 1 && !parts.parts.isEmpty ? output.path : nil, size: size,
      frames: sink.count, earlierFrames: parts.frameCount - sink.count, wasCanceled: wasCanceled,
      stages: FilmStages(
        decoding: source.decodingSeconds, flow: source.flowSeconds, network: networkSeconds,
        smoothing: sink.smoothingSeconds, encoding: sink.encodingSeconds), notes: notes)
  }

  /// Joins the parts of all shards to the film, and removes them.
  ///
  /// - Parameter files: the paths of the files that the pictures' look depends on.
  /// - Returns: what could not be kept: sentences that name the film.
  /// - Throws: `FilmPartsError`, `FilmError` and `FileError`.
  func joinShards(_ files: [String]) throws -> [String] {
    try join(
      FilmParts.finished(output: output, identity: { try identity(files, shards: $0) }),
      keepsParts: false)
  }

  private func join(_ shards: [FilmParts], keepsParts: Bool) throws -> [String] {
    try FilmCompletion(
      output, film: film, range: range, encoding: output.keepsFramesApart ? encoding : nil,
      comment: recipe.text()
    ).join(shards, keepsParts: keepsParts)
  }

  private func identity(_ files: [String], shards: Int) throws -> FilmParts.Identity {
    FilmParts.Identity(
      recipe: recipe.text(), settings: settings, size: size.description,
      digests: try ((film.kind == .file ? [film.path] : []) + files).map {
        try FileDigest.sha256(ofFile: $0)
      }, shards: shards)
  }

  private func complaint(_ message: String) -> String {
    "\(film.path): parts of the film are damaged, and the result before stands for their frames: \(message)."
  }
}
