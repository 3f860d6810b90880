import Foundation

/// A window that shows frames as they are made, by ffplay.
package final class FilmWindow {
  private let player: FFmpeg
  private var output: NUTWriter?
  private var count = 0

  /// Why no window can open, as a part of a sentence; nil if one can.
  package static var obstacle: String? {
    guard FFmpeg.isInstalled("ffplay") else { return "ffplay is missing; install ffmpeg" }
    #if os(Linux)
    // Without a display ffplay plays to nowhere, and reports success.
    let displays = ["DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"]
    let environment = ProcessInfo.processInfo.environment
    guard displays.contains(where: { environment[$0]?.isEmpty == false }) else {
      return "there is no display"
    }
    #endif
    return nil
  }

  /// Opens the window.
  ///
  /// - Throws: `FilmError.missing` if ffplay is missing.
  package init(size: PixelSize, film: FilmFile) throws {
    player = try FFmpeg(
      "ffplay",
      ["-v", "error", "-autoexit", "-window_title", "Impasto", "-f", "nut", "-i", "pipe:0"],
      for: film.path, readsInput: true)
    let rate = film.frameRate
    output = try? NUTWriter(
      NUT.Stream(
        size: size, pixelAspect: film.pixelAspect,
        timeBase: Ratio(rate.denominator, rate.numerator)),
      to: player.input!)
  }

  /// Shows a frame, unless the window was closed.
  package func show(_ picture: PackedPicture) {
    do {
      try output?.write(picture, timestamp: count)
      count += 1
    } catch { output = nil }
  }

  /// Closes the window after the last frame.
  package func close() { player.closeInput() }
}
