import Foundation

/// Encodes animations with the ffmpeg command, in formats that libvips does not write.
struct VideoEncoder {
  private let animation: Animation
  private let format: Animation.Format
  private let path: String

  /// Frames per second. Frames with longer durations are repeated.
  private static let rate = 24.0

  init(_ animation: Animation, format: Animation.Format, path: String) {
    self.animation = animation
    self.format = format
    self.path = path
  }

  /// Checks that the command is installed.
  ///
  /// - Throws: `PictureError.unwritable` if it is missing.
  static func checkInstalled(for path: String) throws {
    guard !FFmpeg.isInstalled() else { return }
    throw PictureError.unwritable(
      path: path,
      reason: "the ffmpeg command is missing; install ffmpeg, or choose .gif or .webp")
  }

  /// Encodes the animation as the bytes of a file.
  func encoded() throws -> Data {
    try Self.checkInstalled(for: path)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "impasto-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (input, output) = (
      folder.appendingPathComponent("frames"),
      folder.appendingPathComponent("result.\(format.rawValue)")
    )
    try writeFrames(to: input)
    try run(arguments(input: input.path, output: output.path))
    return try Data(contentsOf: output)
  }

  private func writeFrames(to url: URL) throws {
    try Data().write(to: url)
    let file = try FileHandle(forWritingTo: url)
    defer { try? file.close() }
    for (frame, duration) in zip(animation.frames, animation.durations) {
      let bytes = Data(frame.bytes)
      for _ in 0..<max(1, Int((duration * Self.rate).rounded())) {
        try file.write(contentsOf: bytes)
      }
    }
  }

  private func arguments(input: String, output: String) -> [String] {
    let coding =
      switch format {
      // Players need even sides and chroma at half resolution.
      case .mp4:
        [
          "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-crf", "18", "-pix_fmt",
          "yuv420p", "-movflags", "+faststart",
        ]
      case .apng: ["-plays", "0", "-f", "apng"]
      case .gif, .webp: preconditionFailure("libvips writes them.")
      }
    return [
      "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
      "\(animation.frames[0].size)", "-framerate", "\(Self.rate)", "-i", input,
    ] + coding + [output]
  }

  private func run(_ arguments: [String]) throws {
    do {
      _ = try FFmpeg.run(
        "ffmpeg", arguments, for: path, failure: { .unwritable(path: path, reason: $0) })
    } catch let error as FilmError {
      guard case .unwritable(_, let reason) = error else { throw error }
      throw PictureError.unwritable(path: path, reason: "ffmpeg failed: \(reason)")
    }
  }
}
