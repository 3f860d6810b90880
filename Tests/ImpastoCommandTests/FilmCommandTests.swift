import Foundation
import Impasto
import Testing

private let hasFFmpeg = FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg")

/// `impasto stylize` on films that ffmpeg makes, checked by ffprobe.
@Suite(.enabled(if: hasFFmpeg)) struct FilmCommandTests {
  private let command: Command

  init() throws {
    command = try Command()
  }

  @discardableResult
  private func tool(_ name: String, _ arguments: String...) throws -> String {
    let run = try command.start(
      ["-v", "error"] + arguments, through: URL(fileURLWithPath: "/usr/bin/\(name)")
    ).finish()
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes a film of a moving pattern with a tone.
  private func makeFilm(
    _ name: String, seconds: Double = 1, size: String = "64x48", sound: Int = 1,
    _ options: String...
  ) throws {
    var arguments = [
      "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=\(size):rate=25:duration=\(seconds)",
    ]
    for track in 0..<sound {
      arguments += ["-f", "lavfi", "-i", "sine=frequency=\(300 + 200 * track):duration=\(seconds)"]
    }
    arguments += (0...sound).flatMap { ["-map", "\($0)"] } + options + [name]
    let run = try command.start(arguments, through: URL(fileURLWithPath: "/usr/bin/ffmpeg"))
      .finish()
    #expect(run.status == 0, "\(run.errors)")
  }

  private func stylize(_ options: String...) throws -> Command.Outcome { try stylize(options) }

  private func stylize(_ options: [String]) throws -> Command.Outcome {
    try command.start(["stylize", "--style", "shards", "--quiet"] + options).finish()
  }

  private func entries(_ film: String, _ entries: String, _ stream: String = "v") throws -> String {
    try tool(
      "ffprobe", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0", film)
  }

  /// The times of all frames.
  private func times(_ film: String) throws -> [Double] {
    try entries(film, "packet=pts_time").split(separator: "\n").map {
      Double($0.filter { $0 != "," })!
    }.sorted()
  }

  /// Digests of all decoded frames.
  private func digests(_ film: String) throws -> [String] {
    try tool("ffmpeg", "-i", film, "-map", "0:v", "-f", "framemd5", "-").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }.map { String($0.split(separator: " ").last!) }
  }

  @Test func soundTimesAndRotationStay() throws {
    try makeFilm("flat.mp4", sound: 2)
    try tool(
      "ffmpeg", "-i", "flat.mp4", "-map", "0", "-c", "copy", "-metadata:s:v", "rotate=90",
      "film.mp4")
    let run = try stylize("film.mp4", "-o", "out.mp4")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(
      try entries("out.mp4", "stream=codec_name,width,height,pix_fmt") == "h264,48,64,yuv420p")
    #expect(try times("out.mp4") == times("film.mp4"))
    #expect(
      try entries("out.mp4", "stream_side_data=rotation").isEmpty, "The film is upright.")
    for film in ["film.mp4", "out.mp4"] {
      // Copied, not encoded anew.
      let sound = try tool(
        "ffmpeg", "-i", film, "-map", "0:a", "-c", "copy", "-f", "streamhash", "-hash", "md5", "-")
      try command.write(sound, to: "\(film).txt")
    }
    #expect(try command.bytes("film.mp4.txt") == command.bytes("out.mp4.txt"))
    #expect(try !command.files().contains { $0.hasSuffix(".parts") })
  }

  @Test func variableRatesStay() throws {
    try makeFilm(
      "film.mp4", sound: 0, "-vf", "select='not(mod(n,3))+lt(n,5)'", "-fps_mode", "passthrough")
    #expect(try stylize("film.mp4", "-o", "out.mp4").status == 0)
    let (own, result) = try (times("film.mp4"), times("out.mp4"))
    #expect(own.count == result.count && own.count == 12)
    #expect(zip(own, result).allSatisfy { abs($0 - $1) < 0.001 }, "\(own) \(result)")
  }

  @Test func oddSizesAndParts() throws {
    try makeFilm("film.mkv", size: "61x43", sound: 1, "-c:v", "ffv1", "-pix_fmt", "yuv444p")
    let run = try stylize(
      "film.mkv", "-o", "out.mp4", "--start", "0.2", "--duration", "0.4", "--crf", "30")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try entries("out.mp4", "stream=width,height") == "60,42")
    #expect(try times("out.mp4").count == 10)
    let sound = try #require(Double(try entries("out.mp4", "stream=duration", "a")))
    #expect(abs(sound - 0.4) < 0.06)
    #expect(try stylize("film.mkv", "-o", "ten.mp4", "--fps", "10", "--size", "32").status == 0)
    #expect(try entries("ten.mp4", "stream=width,avg_frame_rate,nb_frames") == "32,10/1,10")
  }

  @Test(arguments: ["gif", "webp", "webm", "mov", "mkv"]) func containers(name: String) throws {
    try makeFilm("film.mp4", seconds: 0.4, size: "32x32")
    let run = try stylize("film.mp4", "-o", "out.\(name)")
    #expect(run.status == 0, "\(run.errors)")
    if name == "webp" {
      let bytes = try [UInt8](command.bytes("out.webp"))
      let frames = bytes.indices.count { bytes[$0...].starts(with: Array("ANMF".utf8)) }
      // Frames that do not change are shown longer.
      #expect((2...10).contains(frames))
      return
    }
    #expect(try entries("out.\(name)", "stream=codec_type") == "video")
    #expect(try times("out.\(name)").count == 10)
    guard name == "gif" else {
      #expect(try entries("out.\(name)", "stream=codec_type", "a") == "audio")
      return
    }
    #expect(run.errors.contains("gif has no sound"))
    let again = try stylize("out.gif", "-o", "again.gif")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try times("again.gif").count == 10)
  }

  /// libvips decodes what ffmpeg wrote, and gives the frames and times of the same film without losses.
  @Test func webPAnimationsAreRead() throws {
    for options in [
      ["-c:v", "libwebp_anim", "-lossless", "1", "-pix_fmt", "bgra", "film.webp"],
      ["-c:v", "ffv1", "-pix_fmt", "bgr0", "film.mkv"],
    ] {
      let pattern = ["-v", "error", "-f", "lavfi", "-i", "mandelbrot=size=51x37:rate=10"]
      let run = try command.start(
        pattern + ["-t", "0.6"] + options, through: URL(fileURLWithPath: "/usr/bin/ffmpeg")
      ).finish()
      #expect(run.status == 0, "\(run.errors)")
    }
    for (film, range) in [("webp", []), ("mkv", []), ("webp", ["--start", "0.2"])] {
      let run = try stylize(["film.\(film)", "-o", "\(film)\(range.count)/"] + range)
      #expect(run.status == 0, "\(run.errors)")
    }
    for number in 1...6 {
      let name = String(format: "%06d.png", number)
      #expect(try command.bytes("webp0/\(name)") == command.bytes("mkv0/\(name)"))
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: command.path("webp2")).count == 4)
    #expect(try stylize("film.webp", "-o", "out.mkv").status == 0)
    #expect(try times("out.mkv") == times("film.mkv"))

    let bytes = try command.bytes("film.webp")
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: command.path("cut.webp")))
    let run = try stylize("cut.webp", "-o", "cut.mp4")
    #expect(run.status != 0 && run.errors.contains("cut.webp"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: command.path("cut.mp4")))
  }

  @Test func foldersOfFrames() throws {
    try makeFilm("film.mp4", seconds: 0.4, size: "32x32")
    #expect(try stylize("film.mp4", "-o", "frames/").status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: command.path("frames")).sorted()
    #expect(names == (1...10).map { String(format: "%06d.png", $0) })
    let run = try stylize("frames", "-o", "out.mp4", "--fps", "12")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try entries("out.mp4", "stream=avg_frame_rate,nb_frames") == "12/1,10")
    let full = try stylize("film.mp4", "-o", "frames/")
    #expect(full.status != 0 && full.errors.contains("it has frames already"))
  }

  /// A process that is killed loses at most the part that it wrote; one that is interrupted leaves a
  /// film. Both are continued, with the frames of an uninterrupted run.
  @Test(arguments: [SIGKILL, SIGINT]) func stoppedFilmsContinue(signal: Int32) throws {
    try makeFilm("film.mp4", seconds: 16, "-c:v", "libx264", "-preset", "ultrafast")
    let options = ["stylize", "film.mp4", "--style", "shards", "--quiet", "--codec", "ffv1"]
    let whole = try command.start(options + ["-o", "whole.mkv"]).finish()
    #expect(whole.status == 0, "\(whole.errors)")
    let running = try command.start(options + ["-o", "out.mkv"])
    while !command.exists("out.mkv.parts/1-of-1/000001.json"), running.process.isRunning {
      usleep(1000)
    }
    kill(running.process.processIdentifier, signal)
    let stopped = try running.finish()
    #expect(stopped.status == 128 + signal)
    #expect(command.exists("out.mkv") == (signal == SIGINT))
    if signal == SIGINT {
      let count = try times("out.mkv").count
      #expect(count >= 120 && count < 400)
    }
    let forgotten = try command.start(options + ["-o", "out.mkv"]).finish()
    #expect(forgotten.status != 0 && forgotten.errors.contains("--resume"))
    let other = try command.start(options + ["-o", "out.mkv", "--resume", "--size", "32"]).finish()
    #expect(other.status != 0 && other.errors.contains("other settings"))
    let resumed = try command.start(options + ["-o", "out.mkv", "--resume", "--json"]).finish()
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try resumed.json()["earlier_frames"] as! Int >= 120)
    #expect(try times("out.mkv") == times("whole.mkv"))
    #expect(try digests("out.mkv") == digests("whole.mkv"))
    #expect(!command.exists("out.mkv.parts"))
  }

  @Test func shardsAreJoined() throws {
    try makeFilm("film.mp4", seconds: 2)
    for shard in ["2/3", "1/3"] {
      let run = try stylize("film.mp4", "-o", "out.mp4", "--shard", shard)
      #expect(run.status == 0, "\(run.errors)")
    }
    let early = try stylize("film.mp4", "-o", "out.mp4", "--join")
    #expect(early.status != 0 && early.errors.contains("shard 3/3"), "\(early.errors)")
    #expect(try stylize("film.mp4", "-o", "out.mp4", "--shard", "3/3").status == 0)
    let run = try stylize("film.mp4", "-o", "out.mp4", "--join")
    #expect(run.status == 0, "\(run.errors)")
    let (own, result) = try (times("film.mp4"), times("out.mp4"))
    #expect(own.count == result.count && zip(own, result).allSatisfy { abs($0 - $1) < 0.001 })
    #expect(try entries("out.mp4", "stream=codec_name", "a") == "aac")
    #expect(!command.exists("out.mp4.parts"))
  }

  @Test func damagedFilms() throws {
    try makeFilm("film.mkv", seconds: 3, sound: 0, "-c:v", "libx264", "-crf", "1")
    var bytes = try command.bytes("film.mkv")
    for place in stride(from: bytes.count / 2, to: bytes.count / 2 + 400, by: 7) {
      bytes[place] ^= 0xFF
    }
    try bytes.write(to: URL(fileURLWithPath: command.path("damaged.mkv")))
    let run = try stylize("damaged.mkv", "-o", "out.mp4")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("parts of the film are damaged"), "\(run.errors)")
    let readable = try tool(
      "ffprobe", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
      "damaged.mkv")
    #expect(try times("out.mp4").count == Int(readable))
    // An MP4 file has its index at the end.
    try makeFilm("film.mp4")
    try command.bytes("film.mp4").prefix(2000).write(
      to: URL(fileURLWithPath: command.path("cut.mp4")))
    let cut = try stylize("cut.mp4", "-o", "none.mp4")
    #expect(cut.status != 0 && cut.lines.count == 1, "\(cut.errors)")
    #expect(!command.exists("none.mp4") && !command.exists("none.mp4.parts"))
  }

  /// A film that is optimized keeps its times and sound, and continues after a signal.
  @Test(arguments: [SIGTERM, SIGKILL]) func optimizedFilmsContinue(signal: Int32) throws {
    try makeFilm("film.mp4", seconds: 0.4)
    func transfer(_ options: String...) throws -> Command.Running {
      try command.start(
        [
          "transfer", "film.mp4", "--style", "spring", "-o", "out.mp4", "--iterations", "12",
          "--quiet",
        ]
          + options)
    }
    let running = try transfer()
    while !command.exists("out.mp4.parts/1-of-1/000003.json"), running.process.isRunning {
      usleep(1000)
    }
    kill(running.process.processIdentifier, signal)
    #expect(try running.finish().status == 128 + signal)
    #expect(command.exists("out.mp4") == (signal == SIGTERM))
    if signal == SIGTERM { #expect((3..<10).contains(try times("out.mp4").count)) }
    let run = try transfer("--resume", "out.mp4", "--json").finish()
    #expect(run.status == 0, "\(run.errors)")
    #expect((3..<10).contains(try run.json()["earlier_frames"] as! Int))
    let (own, result) = try (times("film.mp4"), times("out.mp4"))
    #expect(own.count == result.count && zip(own, result).allSatisfy { abs($0 - $1) < 0.001 })
    #expect(try entries("out.mp4", "stream=codec_name", "a") == "aac")
    #expect(!command.exists("out.mp4.parts"))
    for (options, text) in [
      (["--resume", "other.mp4"], "--resume"), (["--run", "record"], "--run"),
      (["--style-weight", "-1"], "--style-weight"),
    ] {
      let run = try command.start(
        ["transfer", "film.mp4", "--style", "spring", "-o", "out.mp4"] + options
      ).finish()
      #expect(run.status != 0 && run.errors.contains(text), "\(options): \(run.errors)")
    }
  }

  @Test func mistakesGetOneLine() throws {
    try makeFilm("film.mp4", seconds: 0.2)
    try command.write("text", to: "text.mp4")
    try command.makePicture("photo.png")
    for (options, text) in [
      (["text.mp4", "-o", "out.mp4"], "text.mp4: cannot read the film"),
      (["none.mp4", "-o", "out.mp4"], "none.mp4"),
      (["film.mp4", "-o", "out.txt"], "out.txt"),
      (["film.mp4", "-o", "out.png"], "out.png"),
      (["film.mp4", "-o", "out.mp4", "--pixel-format", "none"], "out.mp4"),
      (["film.mp4", "-o", "film.mp4"], "would be overwritten"),
      (["film.mp4", "-o", "none/out.mp4"], "none/out.mp4"),
      (["film.mp4", "-o", "out.mp4", "--smooth", "2"], "--smooth 2"),
      (["film.mp4", "-o", "out.mp4", "--start", "9"], "--start 9"),
      (["film.mp4", "-o", "out.mp4", "--shard", "3/2"], "--shard"),
      (["film.mp4", "-o", "out.mp4", "--codec", "none"], "none"),
      (["film.mp4", "-o", "out.mp4", "--crf", "99"], "--crf 99"),
      (["film.mp4", "-o", "out.mp4", "--resume"], "out.mp4"),
      (["film.mp4", "-o", "out.mp4", "--join"], "--shard 1/N"),
      (["photo.png", "-o", "out.png", "--fps", "5"], "--fps"),
    ] {
      let run = try command.start(["stylize", "--style", "shards", "--quiet"] + options).finish()
      #expect(run.status != 0, "\(options)")
      #expect(
        run.lines.filter {
          !$0.hasPrefix("Usage") && !$0.contains("--help") && !$0.hasPrefix("Help:")
        }
        .count == 1, "\(options): \(run.errors)")
      #expect(run.errors.contains(text), "\(options): \(run.errors)")
      #expect(!command.exists("out.mp4") && !command.exists("out.mp4.parts"), "\(options)")
      try? FileManager.default.removeItem(atPath: command.path("out.mp4.parts"))
    }
    let missing = try command.run(
      "stylize", "film.mp4", "--style", "shards", "-o", "out.mp4", environment: ["PATH": "/none"])
    #expect(missing.status != 0 && missing.errors.contains("install ffmpeg"), "\(missing.errors)")
    #if os(Linux)
    let blind = try command.run(
      "stylize", "film.mp4", "--style", "shards", "-o", "out.mp4", "--preview",
      environment: ["DISPLAY": "", "WAYLAND_DISPLAY": "", "SDL_VIDEODRIVER": ""])
    #expect(blind.status != 0 && blind.errors.contains("--preview"), "\(blind.errors)")
    #endif
  }

  #if Films
  /// Noise on a picture that stands still flickers less, and pictures after a cut are their own.
  @Test func smoothingCalmsAndRespectsCuts() throws {
    try makeFilm(
      "a.mp4", seconds: 0.4, size: "128x96", sound: 0, "-vf", "loop=20:1,noise=alls=20:allf=t",
      "-frames:v", "10", "-crf", "5")
    try tool(
      "ffmpeg", "-f", "lavfi", "-i", "mandelbrot=size=128x96:rate=25", "-frames:v", "10", "-crf",
      "5",
      "b.mp4")
    try command.write("file a.mp4\nfile b.mp4\n", to: "list.txt")
    try tool("ffmpeg", "-f", "concat", "-i", "list.txt", "-c", "copy", "film.mp4")
    func differences(_ smooth: String) throws -> [Double] {
      try FileManager.default.createDirectory(
        atPath: command.path(smooth), withIntermediateDirectories: true)
      let run = try stylize("film.mp4", "-o", "\(smooth)/", "--smooth", smooth)
      #expect(run.status == 0, "\(run.errors)")
      let frames = try (1...20).map {
        try Picture(
          contentsOf: command.path("\(smooth)/\(String(format: "%06d", $0)).png")
        ).pixels.elements
      }
      return zip(frames, frames.dropFirst()).map { a, b in
        zip(a, b).reduce(0) { $0 + Double(abs($1.0 - $1.1)) } / Double(a.count)
      }
    }
    let (plain, smooth) = try (differences("0"), differences("0.85"))
    for index in 0..<9 { #expect(smooth[index] < 0.6 * plain[index], "frame \(index)") }
    // Picture 11 is the first after the cut.
    let own = try Picture(contentsOf: command.path("0/000011.png"))
    #expect(try Picture(contentsOf: command.path("0.85/000011.png")) == own)
  }
  #else
  @Test func smoothingNeedsItsTrait() throws {
    try makeFilm("film.mp4", seconds: 0.2)
    let run = try stylize("film.mp4", "-o", "out.mp4", "--smooth", "0.5")
    #expect(run.status != 0 && run.errors.contains("make films"), "\(run.errors)")
  }
  #endif
}
