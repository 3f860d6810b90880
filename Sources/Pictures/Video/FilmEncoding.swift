import Foundation

/// How a film is written.
public struct FilmEncoding: Sendable, Hashable, Codable {
  /// ffmpeg's name of the encoder.
  public var codec: String
  /// The constant quality: the CRF of H.264, H.265, VP9 and AV1; lower is better. Nil for codecs
  /// without one.
  public var quality: Int?
  /// ffmpeg's name of the pixel format.
  public var pixelFormat: String

  /// Chooses what the settings leave open.
  ///
  /// - Parameters:
  ///   - path: the film's path, whose extension names the container.
  ///   - codec: `h264`, `h265`, `vp9`, `av1`, `prores`, `ffv1`, or the name of an encoder of ffmpeg.
  /// - Throws: `FilmError.unwritable` if the extension is not that of a film.
  public init(
    path: String, codec: String? = nil, quality: Int? = nil, pixelFormat: String? = nil
  ) throws {
    let container = try FilmContainer(path: path)
    let name = codec.map { Self.encoders[$0] ?? $0 } ?? container.codec
    self.codec = name
    self.quality = quality ?? Self.qualities[name]
    self.pixelFormat = pixelFormat ?? Self.pixelFormats[name] ?? "yuv420p"
  }

  /// The codecs by the names that people know.
  public static let encoders = [
    "h264": "libx264", "h265": "libx265", "hevc": "libx265", "vp9": "libvpx-vp9",
    "av1": "libsvtav1", "prores": "prores_ks", "ffv1": "ffv1",
  ]
  private static let qualities = [
    "libx264": 18, "libx265": 20, "libvpx-vp9": 24, "libsvtav1": 28,
  ]
  private static let pixelFormats = ["prores_ks": "yuv422p10le", "ffv1": "bgr0"]

  /// Whether sides must be even, because chroma has half the resolution.
  package var needsEvenSides: Bool { pixelFormat.contains("420") }

  /// The arguments of the encoder.
  func arguments(_ colors: FilmColors) -> [String] {
    let isRGB = ["rgb", "bgr", "gbr"].contains { pixelFormat.hasPrefix($0) }
    let (filter, tags) = isRGB ? ("format=\(pixelFormat)", []) : colors.encoding(pixelFormat)
    var arguments = ["-vf", filter, "-c:v", codec] + tags
    switch codec {
    case "libx264", "libx265": arguments += ["-preset", "veryfast"]
    case "libvpx-vp9":
      arguments += ["-deadline", "good", "-cpu-used", "5", "-row-mt", "1", "-b:v", "0"]
    default: break
    }
    if let quality { arguments += ["-crf", String(quality)] }
    return arguments
  }
}
