import Files
import Foundation

/// Joins the parts of a film, and adds the sound and the subtitles of the film that they come from.
package struct FilmJoining {
  /// A part without sound.
  package struct Part: Sendable {
    package let path: String
    /// The time to the start of the next part, in seconds.
    package let duration: Double

    package init(path: String, duration: Double) {
      (self.path, self.duration) = (path, duration)
    }
  }

  private let film: FilmFile
  private let parts: [Part]
  /// The time of the first frame from the start of the film, in seconds.
  private let start: Double
  /// The time of the film that is repainted, in seconds, whose sound is taken.
  private let range: (start: Double, duration: Double?)
  /// Nil to keep the encoding of the parts.
  private let encoding: FilmEncoding?
  private let output: String
  private let comment: String?

  /// - Parameters:
  ///   - start: the time of the first frame from the start of the film, in seconds.
  ///   - range: the time of the film that is repainted, in seconds, whose sound is taken.
  ///   - encoding: the encoding of the film; nil to keep that of the parts.
  ///   - comment: a text that the film carries.
  package init(
    _ parts: [Part], of film: FilmFile, start: Double, range: (start: Double, duration: Double?),
    encoding: FilmEncoding? = nil, output: String, comment: String?
  ) {
    (self.parts, self.film, self.start, self.range) = (parts, film, start, range)
    (self.encoding, self.output, self.comment) = (encoding, output, comment)
  }

  /// Writes the film under a temporary name in a folder, and returns what could not be kept.
  ///
  /// - Parameter folder: a folder for temporary files.
  /// - Throws: `FilmError`.
  package func write(in folder: String) throws -> (path: String, notes: [String]) {
    let container = try FilmContainer(path: output)
    let list = "\(folder)/parts.txt"
    let lines = parts.map { part in
      "file 'file:\(Self.escaped(URL(fileURLWithPath: part.path).path))'\n"
        + String(format: "duration %.6f\n", part.duration)
    }
    try AtomicFile.write(Data(("ffconcat version 1.0\n" + lines.joined()).utf8), to: list)
    defer { unlink(list) }
    let result = "\(folder)/joined.\(container.rawValue)"
    do {
      return (result, try write(list, to: result, container))
    } catch {
      unlink(result)
      throw error
    }
  }

  /// Writes the film, and returns what could not be kept.
  ///
  /// - Parameter list: the file that names the parts.
  private func write(_ list: String, to result: String, _ container: FilmContainer) throws
    -> [String]
  {
    let video = ["-f", "concat", "-safe", "0"]
    if container.isAnimation {
      try run(
        video + ["-i", FilmFile.name(list)] + Self.animation(container) + [FilmFile.name(result)])
      return film.soundTracks > 0 ? ["\(container.rawValue) has no sound"] : []
    }
    let offset = ["-itsoffset", String(format: "%.6f", start - range.start)]
    let inputs = offset + video + ["-i", FilmFile.name(list)] + original
    let metadata = original.isEmpty ? [] : ["-map_metadata", "1", "-map_chapters", "1"]
    let end =
      (encoding.map { ["-fps_mode", "passthrough"] + $0.arguments(film.colors) }
        ?? ["-c:v", "copy"]) + ["-fflags", "+bitexact"] + metadata
      + (comment.map { ["-metadata", "comment=\($0)"] } ?? [])
      + (container == .mp4 || container == .mov ? ["-movflags", "+faststart"] : [])
      + [FilmFile.name(result)]
    var failure: FilmError?
    for attempt in Self.attempts(film, container) {
      do {
        try run(inputs + ["-map", "0:v"] + attempt.arguments + end)
        return attempt.note.map { [$0] } ?? []
      } catch let error as FilmError { failure = error }
    }
    throw failure!
  }

  /// The film with its sound as ffmpeg's second input; nothing for other inputs.
  private var original: [String] {
    guard film.kind == .file, !film.isAnimatedWebP else { return [] }
    return (range.start > 0 ? ["-ss", String(format: "%.6f", range.start)] : [])
      + (range.duration.map { ["-t", String(format: "%.6f", $0)] } ?? []) + film.input
  }

  private func run(_ arguments: [String]) throws {
    _ = try FFmpeg.run(
      "ffmpeg", ["-v", "error", "-nostdin", "-y"] + arguments, for: output,
      failure: { .unwritable(path: output, reason: $0) })
  }

  /// A way to keep sound and subtitles.
  private struct Attempt {
    let arguments: [String]
    let note: String?
  }

  /// From keeping all to keeping none; the first that works is taken.
  private static func attempts(_ film: FilmFile, _ container: FilmContainer) -> [Attempt] {
    guard film.soundTracks + film.subtitles > 0 else {
      return [Attempt(arguments: [], note: nil)]
    }
    let sound = container == .webm ? "libopus" : "aac"
    let text =
      switch container {
      case .mp4, .mov: "mov_text"
      case .webm: "webvtt"
      case .mkv, .gif, .webp: "srt"
      }
    let copied = ["-map", "1:a?", "-map", "1:s?", "-c:a", "copy"]
    let encoded = ["-map", "1:a?", "-map", "1:s?", "-c:a", sound]
    let name = container.rawValue
    return [
      Attempt(arguments: copied + ["-c:s", "copy"], note: nil),
      Attempt(arguments: copied + ["-c:s", text], note: nil),
      Attempt(
        arguments: encoded + ["-c:s", text],
        note: "\(name) does not take the sound as it is, so it was encoded anew"),
      Attempt(
        arguments: ["-map", "1:a?", "-c:a", "copy"], note: "\(name) does not take the subtitles"),
      Attempt(
        arguments: ["-map", "1:a?", "-c:a", sound],
        note: "\(name) does not take the subtitles, and the sound was encoded anew"),
      Attempt(arguments: [], note: "\(name) takes neither sound nor subtitles of the film"),
    ]
  }

  private static func animation(_ container: FilmContainer) -> [String] {
    container == .gif
      ? [
        "-vf",
        "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4",
        "-loop", "0",
      ] : ["-c:v", "libwebp_anim", "-quality", "85", "-loop", "0"]
  }

  private static func escaped(_ name: String) -> String {
    name.replacingOccurrences(of: "'", with: "'\\''")
  }
}
