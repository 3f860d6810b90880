import ArgumentParser
import Impasto
import Runs

/// Which part of a film is repainted, and how it is written.
struct FilmOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The time where to start.", valueName: "seconds"))
  var start: Double?

  @Option(help: ArgumentHelp("The length to repaint.", valueName: "seconds"))
  var duration: Double?

  @Option(
    help: ArgumentHelp(
      "Frames a second of the result, or of a folder of frames (default: those of the film; 24 for a folder).",
      valueName: "number"))
  var fps: FrameRate?

  @Option(
    help: ArgumentHelp(
      "h264, h265, vp9, av1, prores, ffv1, or an encoder of ffmpeg (default: h264; vp9 for .webm).",
      valueName: "name"))
  var codec: String?

  @Option(
    help: ArgumentHelp(
      "The encoder's constant quality: lower is better (default: 18 with h264).",
      valueName: "number"))
  var crf: Int?

  @Option(
    help: ArgumentHelp(
      "The pixel format, by ffmpeg's name (default: yuv420p).", valueName: "name"))
  var pixelFormat: String?

  @Flag(help: "Join the parts of all shards to the film.")
  var join = false

  var settings: FilmSettings {
    var settings = FilmSettings()
    (settings.start, settings.duration, settings.rate) = (start, duration, fps?.ratio)
    (settings.codec, settings.quality, settings.pixelFormat) = (codec, crf, pixelFormat)
    return settings
  }

  /// The first option that was given, all of which are for films only.
  var given: String? {
    let all: [(name: String, isGiven: Bool)] = [
      ("start", start != nil), ("duration", duration != nil), ("fps", fps != nil),
      ("codec", codec != nil), ("crf", crf != nil),
      ("pixel-format", pixelFormat != nil), ("join", join),
    ]
    return all.first(where: \.isGiven).map { "--\($0.name)" }
  }
}

/// How a film of one-pass results is kept from flickering, and how it goes on.
struct FilmSmoothingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How much of the result before stays where the film allows it, 0 to 1; 0 repaints each frame by itself (default: \(FilmSettings.defaultSmooth) in a build by make films, otherwise 0).",
      valueName: "part"))
  var smooth: Double?

  @Flag(help: "Continue a film that was stopped, with the same options.")
  var resume = false

  @Flag(help: "Show the results in a window, with ffplay.")
  var preview = false

  /// The first option that was given, all of which are for films only.
  var given: String? {
    let all = [("smooth", smooth != nil), ("resume", resume), ("preview", preview)]
    return all.first(where: \.1).map { "--\($0.0)" }
  }
}

/// A frame rate, written as `24`, `29.97` or `30000/1001`.
struct FrameRate: ExpressibleByArgument {
  let ratio: Ratio

  init?(argument: String) {
    if let ratio = Ratio(argument) {
      self.ratio = ratio
    } else if let number = Double(argument), number >= 0.01, number <= 1000 {
      ratio = Ratio(Int((number * 1000).rounded()), 1000)
    } else {
      return nil
    }
  }
}
