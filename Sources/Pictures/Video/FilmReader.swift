import Foundation

/// A picture of a film with its time.
package struct FilmFrame: Sendable {
  /// In units of the reader's time base, after the frame before it.
  package let timestamp: Int
  package let picture: PackedPicture

  package init(timestamp: Int, picture: PackedPicture) {
    (self.timestamp, self.picture) = (timestamp, picture)
  }
}

/// Decodes a film's frames one after the other, upright, in one size, with the film's time stamps.
package final class FilmReader {
  /// The unit of time stamps in seconds.
  package let timeBase: Ratio
  /// The width of a pixel in parts of its height; nil for square or unknown ones.
  package let pixelAspect: Ratio?
  /// The size of the frames.
  package let size: PixelSize
  private let film: FilmFile
  private let decoder: FFmpeg
  private let feed: WebPFeed?
  private var input: NUTReader
  private var last: Int?

  /// Starts decoding.
  ///
  /// - Parameters:
  ///   - size: the size of the frames.
  ///   - start: the time in seconds from the start of the film from which frames are certain to come;
  ///     earlier ones may come as well.
  ///   - rate: the frame rate, which drops or repeats frames; nil for the film's own time stamps.
  /// - Throws: `FilmError`.
  package init(_ film: FilmFile, size: PixelSize, start: Double = 0, rate: Ratio? = nil) throws {
    self.film = film
    // ffmpeg decodes from the key frame before, and drops what comes before the start.
    let seek = start > 0 && !film.isAnimatedWebP ? ["-ss", String(format: "%.6f", start)] : []
    let fps = rate.map { "fps=\($0.numerator)/\($0.denominator)," } ?? ""
    decoder = try FFmpeg(
      "ffmpeg",
      ["-v", "error", "-nostdin"] + (film.kind == .camera ? [] : ["-copyts"]) + seek + film.input
        + [
          "-map", "0:V:0", "-vf", fps + film.colors.decoding(size),
          // As they are: constant rates repeat and drop frames.
          "-fps_mode", "passthrough", "-enc_time_base", rate == nil ? "-1" : "0",
          "-c:v", "rawvideo", "-f", "nut", "pipe:1",
        ], for: film.path, readsInput: film.isAnimatedWebP, hasOutput: true)
    feed = film.isAnimatedWebP ? WebPFeed(film.path, to: decoder) : nil
    do {
      input = try NUTReader(decoder.output!)
    } catch {
      let messages = decoder.waitUntilExit()
      throw feed?.failure
        ?? FilmError.unreadable(path: film.path, reason: FFmpeg.reason(messages, of: film.path))
    }
    (timeBase, pixelAspect) = (input.stream.timeBase, input.stream.pixelAspect)
    self.size = input.stream.size
  }

  deinit {
    decoder.kill()
    decoder.waitUntilExit()
  }

  /// The next frame; nil at the end of the film.
  ///
  /// - Throws: `FilmError.unreadable` if ffmpeg fails.
  package func next() throws -> FilmFrame? {
    while true {
      let frame: (timestamp: Int, picture: PackedPicture)?
      do { frame = try input.next() } catch {
        throw failure(decoder.waitUntilExit())
      }
      guard let frame else {
        let messages = decoder.waitUntilExit()
        guard decoder.succeeded, feed?.failure == nil else { throw failure(messages) }
        return nil
      }
      // Damaged films can have time stamps twice.
      guard last == nil || frame.timestamp > last! else { continue }
      last = frame.timestamp
      return FilmFrame(timestamp: frame.timestamp, picture: frame.picture)
    }
  }

  /// What ffmpeg said about damaged parts of the film.
  package var complaints: [String] { decoder.messagesSoFar }

  private func failure(_ messages: [String]) -> FilmError {
    feed?.failure ?? .unreadable(path: film.path, reason: FFmpeg.reason(messages, of: film.path))
  }
}
