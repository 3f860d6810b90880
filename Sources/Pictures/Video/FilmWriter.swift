import Foundation

/// Encodes frames to a film without sound.
package final class FilmWriter {
  private let path: String
  private let encoder: FFmpeg
  private var output: NUTWriter
  private var first: Int?

  /// Starts the encoder.
  ///
  /// - Parameters:
  ///   - path: the file to write, whose extension names the container. A file that exists is replaced.
  ///   - film: the film whose colors the pixels stand for.
  /// - Throws: `FilmError`.
  package init(
    _ path: String, size: PixelSize, pixelAspect: Ratio?, timeBase: Ratio, encoding: FilmEncoding,
    like film: FilmFile
  ) throws {
    self.path = path
    encoder = try FFmpeg(
      "ffmpeg",
      ["-v", "error", "-y", "-f", "nut", "-i", "pipe:0", "-fps_mode", "passthrough"]
        + ["-enc_time_base", "-1"] + encoding.arguments(film.colors)
        // The same bytes from the same frames.
        + ["-fflags", "+bitexact", "-flags:v", "+bitexact", FilmFile.name(path)],
      for: path, readsInput: true)
    do {
      output = try NUTWriter(
        NUT.Stream(size: size, pixelAspect: pixelAspect, timeBase: timeBase), to: encoder.input!)
    } catch {
      throw Self.failure(path, encoder)
    }
  }

  deinit {
    encoder.closeInput()
    encoder.waitUntilExit()
  }

  /// Writes a frame. The first one is at time 0 of the film.
  ///
  /// - Throws: `FilmError.unwritable`.
  package func write(_ frame: FilmFrame) throws {
    let first = first ?? frame.timestamp
    self.first = first
    do {
      try output.write(frame.picture, timestamp: frame.timestamp - first)
    } catch {
      throw Self.failure(path, encoder)
    }
  }

  /// Completes the file.
  ///
  /// - Throws: `FilmError.unwritable`.
  package func finish() throws {
    encoder.closeInput()
    encoder.waitUntilExit()
    guard encoder.succeeded else { throw Self.failure(path, encoder) }
  }

  private static func failure(_ path: String, _ encoder: FFmpeg) -> FilmError {
    encoder.closeInput()
    return .unwritable(path: path, reason: FFmpeg.reason(encoder.waitUntilExit(), of: path))
  }
}
