import Files
import Foundation

/// A film on disk in any container that ffmpeg reads, a folder of numbered frames, or a camera.
public struct FilmFile: Sendable {
  /// The path of the file or the folder.
  public let path: String
  /// The size of its frames, upright, in pixels.
  public let size: PixelSize
  /// The width of a pixel in parts of its height; nil for square or unknown ones.
  public let pixelAspect: Ratio?
  /// The mean number of frames a second.
  public let frameRate: Ratio
  /// The length in seconds; nil if the file does not tell.
  public let duration: Double?
  /// The number of frames, estimated for some containers; nil if it is unknown.
  public let frameCount: Int?
  /// The number of sound tracks.
  public let soundTracks: Int
  /// The number of subtitle tracks.
  public let subtitles: Int
  /// The start of the file's time stamps, in seconds.
  package let startTime: Double
  /// How pixels stand for colors.
  package let colors: FilmColors
  /// What ffmpeg reads.
  let input: [String]
  /// Whether ffmpeg reads frames that `WebPFeed` decodes.
  let isAnimatedWebP: Bool
  /// What the path names.
  public let kind: Kind

  /// What a film's frames come from.
  public enum Kind: Sendable {
    case file
    /// A folder of numbered frames.
    case folder
    /// A device of Linux, such as `/dev/video0`.
    case camera
  }

  /// Reads the headers of a film.
  ///
  /// - Parameters:
  ///   - frameRate: the rate of a folder's frames, 24 by default; films have their own.
  ///   - isUntrusted: whether the film comes from somebody else. Then only containers are read that cannot
  ///     name other files or addresses.
  /// - Throws: `FilmError`.
  public init(_ path: String, frameRate: Ratio? = nil, isUntrusted: Bool = false) throws {
    if let animation = try WebPAnimation(path: path) {
      self.init(animation)
    } else {
      try self.init(probing: path, frameRate: frameRate, isUntrusted: isUntrusted)
    }
  }

  /// Describes a WebP animation, which many versions of ffmpeg do not read.
  private init(_ animation: WebPAnimation) {
    (path, size, kind) = (animation.path, animation.size, .file)
    (input, isAnimatedWebP) = (["-f", "nut", "-i", "pipe:0"], true)
    let milliseconds = animation.delays.reduce(0, +)
    frameRate = Ratio(1000 * animation.delays.count, milliseconds)
    (duration, frameCount) = (Double(milliseconds) / 1000, animation.delays.count)
    (pixelAspect, soundTracks, subtitles, startTime) = (nil, 0, 0, 0)
    colors = FilmColors(
      space: nil, range: nil, primaries: nil, transfer: nil, format: "rgb24", lines: size.height)
  }

  /// Reads what ffprobe says about a film.
  private init(probing path: String, frameRate: Ratio?, isUntrusted: Bool) throws {
    self.path = path
    isAnimatedWebP = false
    let frames = try FrameFolder.arguments(path, frameRate)
    kind = frames != nil ? .folder : Self.isCamera(path) ? .camera : .file
    input =
      frames
      ?? (kind == .camera
        ? ["-f", "v4l2", "-i", path]
        : (isUntrusted ? Self.containersAlone : []) + ["-i", Self.name(path)])
    let data = try FFmpeg.run(
      "ffprobe",
      ["-v", "error", "-print_format", "json", "-show_streams", "-show_format"] + input, for: path,
      failure: { .unreadable(path: path, reason: $0) })
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let probe = try? decoder.decode(Probe.self, from: data),
      let video = probe.streams.first(where: \.isVideo),
      let width = video.width, let height = video.height, width > 0, height > 0
    else { throw FilmError.unreadable(path: path, reason: "it has no pictures") }
    guard max(width, height) <= NUT.longestSide else {
      throw FilmError.unreadable(
        path: path, reason: "its frames are larger than \(NUT.longestSide) pixels")
    }
    let isSideways = (video.rotation ?? 0) % 180 != 0
    size = PixelSize(width: isSideways ? height : width, height: isSideways ? width : height)
    let aspect = video.sampleAspectRatio.flatMap(Ratio.init).flatMap {
      $0.numerator == $0.denominator ? nil : $0
    }
    pixelAspect = aspect.map { isSideways ? Ratio($0.denominator, $0.numerator) : $0 }
    self.frameRate =
      video.avgFrameRate.flatMap(Ratio.init) ?? video.rFrameRate.flatMap(Ratio.init)
      ?? Ratio(25, 1)
    duration = (video.duration ?? probe.format?.duration).flatMap(Double.init)
    frameCount =
      video.nbFrames.flatMap(Int.init)
      ?? duration.map { [rate = self.frameRate.value] in Int(($0 * rate).rounded()) }
    soundTracks = probe.streams.count { $0.codecType == "audio" }
    subtitles = probe.streams.count { $0.codecType == "subtitle" }
    // A camera's times are those since the start of the machine; ffmpeg counts them from 0 by itself.
    startTime = kind == .camera ? 0 : probe.format?.startTime.flatMap(Double.init) ?? 0
    colors = FilmColors(
      space: video.colorSpace, range: video.colorRange, primaries: video.colorPrimaries,
      transfer: video.colorTransfer, format: video.pixFmt, lines: size.height)
  }

  /// Whether its colors exceed those of a usual screen, so that they are mapped to those.
  public var isHDR: Bool { colors.isHDR }

  /// Whether a file holds a film: pictures with a duration. A still picture does not.
  public static func isFilm(_ path: String) -> Bool {
    guard !InputFile.isFolder(path) else { return false }
    if isCamera(path) { return true }
    if extensions.contains(URL(fileURLWithPath: path).pathExtension.lowercased()) { return true }
    // ffprobe would wait for a pipe.
    guard (try? InputFile.checkRegular(path)) != nil, (try? PictureFile(path)) == nil,
      let film = try? FilmFile(path)
    else { return false }
    return film.duration != nil
  }

  /// Whether a file is a picture with several frames.
  public static func isAnimation(_ path: String) -> Bool {
    guard (try? PictureFile(path)) != nil, let film = try? FilmFile(path) else { return false }
    return (film.frameCount ?? 0) > 1
  }

  private static func isCamera(_ path: String) -> Bool { path.hasPrefix("/dev/video") }

  /// Extensions that are always films, so that messages speak of a film even where it is damaged, and
  /// where ffmpeg is missing.
  private static let extensions: Set = [
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "flv", "ogv", "3gp",
  ]

  /// The path as ffmpeg takes it: it would read `a:b` as a protocol, and `-a` as an option.
  static func name(_ path: String) -> String { "file:" + path }

  /// ffmpeg's option that leaves out playlists, lists of files and other descriptions of films.
  private static let containersAlone = [
    "-format_whitelist", "mov,matroska,avi,mpegts,mpeg,mpegvideo,ogg,flv,asf,gif,nut",
  ]

  /// What ffprobe prints.
  private struct Probe: Decodable {
    let streams: [Stream]
    let format: Format?

    struct Format: Decodable {
      let duration: String?
      let startTime: String?
    }

    struct Stream: Decodable {
      let codecType: String?
      let width: Int?
      let height: Int?
      let pixFmt: String?
      let sampleAspectRatio: String?
      let avgFrameRate: String?
      let rFrameRate: String?
      let duration: String?
      let nbFrames: String?
      let colorSpace: String?
      let colorRange: String?
      let colorPrimaries: String?
      let colorTransfer: String?
      let sideDataList: [SideData]?
      let disposition: [String: Int]?

      var isVideo: Bool { codecType == "video" && disposition?["attached_pic"] != 1 }
      var rotation: Int? { sideDataList?.compactMap(\.rotation).first }
    }

    struct SideData: Decodable {
      let rotation: Int?
    }
  }
}
