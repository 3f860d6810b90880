import CVips
import Files
import Foundation

/// An animation with frames of one size.
public struct Animation: Sendable {
  /// The frames, at least one.
  public let frames: [Picture]
  /// The duration of each frame in seconds.
  public let durations: [Double]

  /// A format of written animations.
  public enum Format: String, Sendable, CaseIterable {
    case gif, webp, apng, mp4

    /// Makes the format of a path's extension.
    ///
    /// - Throws: `PictureError.unwritable`.
    public init(path: String) throws {
      let name = URL(fileURLWithPath: path).pathExtension.lowercased()
      guard let format = Format(rawValue: name) else {
        throw PictureError.unwritable(
          path: path,
          reason: "animations must be "
            + Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", "))
      }
      self = format
    }
  }

  /// Makes an animation.
  ///
  /// - Precondition: there is at least one frame, all have one size, and each has a duration.
  public init(frames: [Picture], durations: [Double]) {
    precondition(!frames.isEmpty && frames.count == durations.count)
    precondition(frames.allSatisfy { $0.size == frames[0].size })
    self.frames = frames
    self.durations = durations
  }

  /// Writes the animation in the format of the path's extension. GIF and WebP repeat forever.
  ///
  /// - Throws: `PictureError.unwritable`, also for APNG and MP4 if the `ffmpeg` command is
  ///   missing.
  public func write(to path: String) throws {
    let format = try Format(path: path)
    let data =
      switch format {
      case .gif, .webp: try encoded(isGIF: format == .gif, path: path)
      case .apng, .mp4: try VideoEncoder(self, format: format, path: path).encoded()
      }
    try AtomicFile.write(data, to: path)
  }

  /// Checks whether an animation can be written to a path, before the work for it starts.
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
  /// The picture in front of white: `[height, width, 3]`, 0…255.
  var bytes: [UInt8] { overWhite.pixels.elements.map { UInt8(min(max($0 * 255 + 0.5, 0), 255)) } }
}
