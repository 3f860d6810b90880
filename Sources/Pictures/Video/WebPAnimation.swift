import CVips

/// A WebP animation, whose frames libvips decodes one after the other.
final class WebPAnimation {
  let path: String
  /// The size of the frames.
  let size: PixelSize
  /// The duration of each frame in milliseconds.
  let delays: [Int]
  private let animation: OpaquePointer

  /// Opens a file; nil if it is not a WebP file with several frames.
  ///
  /// - Throws: `FilmError.unreadable` for a damaged one, and `PictureError.vipsUnavailable`.
  init?(path: String) throws {
    guard Self.isWebP(path) else { return nil }
    var (width, height, frames) = (0, 0, 0)
    var opened: OpaquePointer?
    let failure = try VipsLibrary.call {
      opened = path.withVipsPath { cvips_open_animation($0, &width, &height, &frames) }
      return opened != nil
    }
    guard let opened else { throw Self.unreadable(path, failure) }
    guard frames > 1 else {
      cvips_close_animation(opened)
      return nil
    }
    (self.path, animation) = (path, opened)
    size = PixelSize(width: width, height: height)
    delays = (0..<frames).map {
      let delay = cvips_frame_delay(opened, $0)
      return delay > Self.leastDelay ? delay : Self.usualDelay
    }
  }

  deinit { cvips_close_animation(animation) }

  /// Decodes a frame after those that were decoded before, in sRGB and on white.
  ///
  /// - Throws: `FilmError.unreadable` for a damaged one, and `PictureError.vipsUnavailable`.
  func frame(_ index: Int) throws -> PackedPicture {
    var values: UnsafeMutableRawPointer?
    let failure = try VipsLibrary.call {
      values = cvips_read_frame(animation, index)
      return values != nil
    }
    guard let values else { throw Self.unreadable(path, failure) }
    return PackedPicture(size: size, depth: .eight, decoded: values)
  }

  private static func isWebP(_ path: String) -> Bool {
    guard let start = try? FileBytes(path: path).bytes(at: 0, count: 12) else { return false }
    return start.starts(with: Array("RIFF".utf8)) && start.suffix(4) == Array("WEBP".utf8)
  }

  private static func unreadable(_ path: String, _ failure: String?) -> FilmError {
    .unreadable(path: path, reason: PictureFailure.text(of: failure ?? "unknown error"))
  }

  /// Browsers show frames of at most this time for the usual one, as old programs wrote 0.
  private static let leastDelay = 10
  private static let usualDelay = 100
}
