import CVips
import Files
import Foundation

/// A moving picture.
public struct Animation: Sendable {
  /// Its frames, all of one size; at least one.
  public let frames: [Picture]
  /// How long each frame is shown, in seconds.
  public let durations: [Double]

  /// The formats that animations are written in.
  public enum Format: String, Sendable, CaseIterable {
    case gif, webp, apng, mp4

    /// The format that a file name's extension stands for.
    ///
    /// - Throws: `PictureError.unwritable`.
    public init(path: String) throws {
      let name = URL(fileURLWithPath: path).pathExtension.lowercased()
      guard let format = Format(rawValue: name) else {
        throw PictureError.unwritable(
          path: path,
          reason: "animations are "
            + Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", "))
      }
      self = format
    }
  }

  /// Makes an animation.
  ///
  /// - Precondition: there is a frame, and a duration for each.
  public init(frames: [Picture], durations: [Double]) {
    precondition(!frames.isEmpty && frames.count == durations.count)
    precondition(frames.allSatisfy { $0.size == frames[0].size })
    self.frames = frames
    self.durations = durations
  }

  /// Writes it in the format that the path's extension names; GIF and WebP repeat for ever.
  ///
  /// - Throws: `PictureError.unwritable`, also where APNG or MP4 is wanted and the `ffmpeg`
  ///   command is missing.
  public func write(to path: String) throws {
    let format = try Format(path: path)
    let data =
      switch format {
      case .gif, .webp: try encoded(isGIF: format == .gif, path: path)
      case .apng, .mp4: try VideoEncoder(self, format: format, path: path).encoded()
      }
    try AtomicFile.write(data, to: path)
  }

  /// Finds out before the work whether an animation could be written to a path.
  ///
  /// - Throws: `PictureError.unwritable`.
  public static func checkWritable(_ path: String) throws {
    let format = try Format(path: path)
    if format == .apng || format == .mp4 { try VideoEncoder.checkInstalled(for: path) }
    try AtomicFile.checkWritable(path)
  }

  private static let quality: Int32 = 85

  private func encoded(isGIF: Bool, path: String) throws -> Data {
    let size = frames[0].size
    var delays = durations.map { Int32(($0 * 1000).rounded()) }
    var bytes: UnsafeMutableRawPointer?
    var count = 0
    let values = frames.flatMap(\.bytes)
    let failure = try VipsLibrary.call {
      cvips_encode_animation(
        values, size.width, size.height, frames.count, &delays, isGIF, Self.quality, &bytes, &count)
    }
    defer { cvips_free(bytes) }
    if let failure { throw PictureError.unwritable(path: path, reason: failure) }
    return Data(bytes: bytes!, count: count)
  }
}

extension Picture {
  /// `[height, width, 3]`, 0…255.
  var bytes: [UInt8] { pixels.elements.map { UInt8(min(max($0 * 255 + 0.5, 0), 255)) } }
}
