import Impasto
import Pictures

/// What a film's repainting needs beside the recipe of its pictures.
public struct FilmSettings: Sendable, Hashable, Codable {
  /// The time in seconds where it starts.
  public var start: Double?
  /// Its length in seconds.
  public var duration: Double?
  /// The frames a second of the result, or of a folder of frames; nil for the film's own times.
  public var rate: Ratio?
  /// The part of the result before in each result, 0...1; nil for the default.
  public var smooth: Double?
  /// The encoder, by its name or ffmpeg's.
  public var codec: String?
  /// The constant quality of the encoder.
  public var quality: Int?
  /// ffmpeg's name of the pixel format.
  public var pixelFormat: String?

  /// Makes settings that leave everything open.
  public init() {}

  /// The smoothing of builds that have optical flow.
  public static let defaultSmooth = 0.85

  /// The smoothing that is used.
  public var usedSmooth: Double { smooth ?? (OpticalFlow.isAvailable ? Self.defaultSmooth : 0) }

  /// Checks the ranges, and whether this build can smooth.
  ///
  /// - Throws: `SettingError`.
  public func check() throws {
    func check(_ key: String, _ value: Double?, _ isValid: (Double) -> Bool, _ problem: String)
      throws
    {
      guard let value, !isValid(value) else { return }
      throw SettingError(key, value: "\(value)", problem: problem)
    }
    try check("start", start, { $0 >= 0 && $0 < 1e7 }, "must be a time in seconds, at least 0.")
    try check("duration", duration, { $0 > 0 && $0 < 1e7 }, "must be a time in seconds, above 0.")
    try check("smooth", smooth, { (0...1).contains($0) }, "must be between 0 and 1.")
    try check("fps", rate?.value, { (0.01...1000).contains($0) }, "must be between 0.01 and 1000.")
    if let quality, !(0...63).contains(quality) {
      throw SettingError("crf", value: "\(quality)", problem: "must be between 0 and 63.")
    }
    if usedSmooth > 0, !OpticalFlow.isAvailable {
      throw SettingError(
        "smooth", value: "\(usedSmooth)",
        problem: "needs a build with optical flow; make films makes one.")
    }
  }
}
