import Files
import Foundation

/// A film on disk in any container that ffmpeg reads, or a folder of numbered frames.
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
  /// Whether it is a folder of frames.
  public let isFolder: Bool

  /// Reads the headers of a film.
  ///
  /// - Parameter frameRate: the rate of a folder's frames, 24 by default; films have their own.
  /// - Throws: `FilmError`.
  public init(_ path: String, frameRate: Ratio? = nil) throws {
    self.path = path
    let frames = try FrameFolder.arguments(path, frameRate)
    input = frames ?? ["-i", Self.name(path)]
    isFolder = frames != nil
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
    startTime = probe.format?.startTime.flatMap(Double.init) ?? 0
    colors = FilmColors(
      space: video.colorSpace, range: video.colorRange, primaries: video.colorPrimaries,
      transfer: video.colorTransfer, format: video.pixFmt, lines: size.height)
  }

  /// Whether its colors exceed those of a usual screen, so that they are mapped to those.
  public var isHDR: Bool { colors.isHDR }

  /// Whether a file holds a film: pictures with a duration. A still picture does not.
  public static func isFilm(_ path: String) -> Bool {
    guard !InputFile.isFolder(path) else { return false }
    if extensions.contains(URL(fileURLWithPath: path).pathExtension.lowercased()) { return true }
    guard InputFile.exists(path), (try? PictureFile(path)) == nil, let film = try? FilmFile(path)
    else { return false }
    return film.duration != nil
  }

  /// Whether a file is a picture with several frames.
  public static func isAnimation(_ path: String) -> Bool {
    guard (try? PictureFile(path)) != nil, let film = try? FilmFile(path) else { return false }
    return (film.frameCount ?? 0) > 1
  }

  /// Extensions that are always films, so that messages speak of a film even where it is damaged, and
  /// where ffmpeg is missing.
  private static let extensions: Set = [
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "flv", "ogv", "3gp",
  ]

  /// The path as ffmpeg takes it: it would read `a:b` as a protocol, and `-a` as an option.
  static func name(_ path: String) -> String { "file:" + path }

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

/// How a film's pixels stand for colors, in ffmpeg's names.
package struct FilmColors: Sendable, Hashable {
  /// The matrix from red, green and blue to luma and chroma.
  package let matrix: String
  /// `tv` or `pc`.
  package let range: String
  let primaries: String?
  let transfer: String?
  /// Whether colors must be brought into the range of a usual screen.
  let isHDR: Bool

  init(
    space: String?, range: String?, primaries: String?, transfer: String?, format: String?,
    lines: Int
  ) {
    func known(_ name: String?) -> String? {
      name.flatMap { ["unknown", "reserved", "unspecified"].contains($0) ? nil : $0 }
    }
    isHDR = ["smpte2084", "arib-std-b67"].contains(transfer)
    let format = format ?? ""
    let isRGB =
      format.contains("rgb") || format.contains("gbr") || format.contains("bgr") || format == "pal8"
    // Players assume this of films that do not tell.
    let usual = lines >= 720 ? "bt709" : "smpte170m"
    matrix = isHDR || isRGB ? usual : known(space).flatMap { $0 == "gbr" ? nil : $0 } ?? usual
    self.range = isHDR || isRGB ? "tv" : known(range) ?? (format.hasPrefix("yuvj") ? "pc" : "tv")
    self.primaries = isHDR ? "bt709" : known(primaries)
    self.transfer = isHDR ? "bt709" : known(transfer)
  }

  /// The filters that make decoded pictures RGB in a size.
  func decoding(_ size: PixelSize) -> String {
    let toneMapping =
      isHDR
      ? "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv444p,"
      : ""
    let matrix = isHDR ? "bt709" : self.matrix
    return toneMapping
      + "scale=\(size.width):\(size.height):flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=\(Self.scaleName(matrix)):in_range=\(range),format=rgb24"
  }

  /// The filter and the tags for an encoder that takes luma and chroma.
  func encoding(_ pixelFormat: String) -> (filter: String, tags: [String]) {
    (
      "scale=flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix=\(Self.scaleName(matrix)):out_range=\(range),format=\(pixelFormat)",
      ["-colorspace", matrix, "-color_range", range]
        + (primaries.map { ["-color_primaries", $0] } ?? [])
        + (transfer.map { ["-color_trc", $0] } ?? [])
    )
  }

  /// The name of a matrix for the scale filter, which knows fewer.
  private static func scaleName(_ matrix: String) -> String {
    switch matrix {
    case "bt709", "fcc", "smpte170m", "smpte240m", "bt2020": matrix
    case "bt2020nc", "bt2020ncl", "bt2020c", "bt2020cl": "bt2020"
    case "bt470bg": "bt601"
    default: "bt709"
    }
  }
}

/// Numbered frames in a folder, such as `000001.png`.
enum FrameFolder {
  /// ffmpeg's input of a folder's frames; nil if the path is not a folder.
  ///
  /// - Throws: `FilmError.unreadable` if the frames do not have numbers one after the other.
  static func arguments(_ path: String, _ rate: Ratio?) throws -> [String]? {
    guard InputFile.isFolder(path) else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let frames = names.filter { !$0.hasPrefix(".") && (try? PictureFormat(path: $0)) != nil }
      .sorted()
    func number(_ name: String) -> (start: Substring, digits: Substring, end: Substring)? {
      guard let last = name.lastIndex(where: \.isNumber) else { return nil }
      let tail = name[name.index(after: last)...]
      let digits = name[...last].reversed().prefix { $0.isNumber }.count
      let first = name.index(last, offsetBy: 1 - digits)
      guard tail.hasPrefix(".") else { return nil }
      return (name[..<first], name[first...last], tail)
    }
    guard let first = frames.first, let start = number(first) else {
      throw FilmError.unreadable(
        path: path, reason: "the folder has no numbered frames, such as 000001.png")
    }
    for (index, name) in frames.enumerated() {
      guard let part = number(name), part.start == start.start, part.end == start.end,
        part.digits.count == start.digits.count, let own = Int(part.digits),
        own == Int(start.digits)! + index
      else {
        throw FilmError.unreadable(
          path: path,
          reason: "\(name) does not follow the frames before it, which begin with \(first)")
      }
    }
    let rate = rate ?? Ratio(24, 1)
    let prefix = (path + "/" + start.start).replacingOccurrences(of: "%", with: "%%")
    return [
      "-f", "image2", "-framerate", "\(rate.numerator)/\(rate.denominator)", "-start_number",
      String(Int(start.digits)!), "-i", "file:\(prefix)%0\(start.digits.count)d\(start.end)",
    ]
  }
}
