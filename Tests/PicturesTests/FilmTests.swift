import Engine
import Foundation
import Pictures
import Testing

/// Films through the ffmpeg command, whose own programs check the results.
@Suite(.enabled(if: FFmpeg.isInstalled() && FFmpeg.isInstalled("ffprobe")))
struct FilmTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "impasto-\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func run(_ program: String, _ arguments: [String]) throws -> String {
    let data = try FFmpeg.run(
      program, arguments, for: "clip", failure: { .unreadable(path: "clip", reason: $0) })
    return String(decoding: data, as: UTF8.self)
  }

  /// Frames of noise, with irregular times.
  private func frames(_ size: PixelSize) -> [FilmFrame] {
    var state: UInt32 = 1
    return [0, 40, 41, 90, 300, 1000, 70_000].map { timestamp in
      let picture = PackedPicture(size: size, depth: .eight)
      picture.withUnsafeMutableValues { values in
        for index in values.indices {
          state = state &* 1_664_525 &+ 1_013_904_223
          // Some frames begin like the headers that ffmpeg leaves out.
          values[index] =
            index < 4 && timestamp % 4 == 0 ? (index == 2 ? 1 : 0) : UInt8(state >> 24)
        }
      }
      return FilmFrame(timestamp: timestamp, picture: picture)
    }
  }

  private func bytes(_ picture: PackedPicture) -> [UInt8] {
    picture.withUnsafeValues { Array($0) }
  }

  /// ffmpeg reads what the writer writes, and the reader what ffmpeg writes: without losses.
  @Test(arguments: [PixelSize(width: 61, height: 43), PixelSize(width: 16, height: 128)])
  func framesAndTimesSurviveFFmpeg(size: PixelSize) throws {
    let source = path("source.mkv")
    _ = try run(
      "ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i",
        "color=size=\(size):duration=0.2:rate=10,format=yuv444p,setsar=4/3",
        "-c:v", "ffv1", source,
      ])
    let film = try FilmFile(source)
    #expect(film.size == size && film.pixelAspect == Ratio(4, 3))
    let encoding = try FilmEncoding(path: source, codec: "ffv1")
    let written = path("written.nut")
    let writer = try FilmWriter(
      written, size: size, pixelAspect: Ratio(4, 3), timeBase: Ratio(1, 90), encoding: encoding,
      like: film)
    let frames = frames(size)
    for frame in frames { try writer.write(frame) }
    try writer.finish()
    let times = try run(
      "ffprobe",
      ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", written])
    let expected = frames.map { Double($0.timestamp) / 90 }
    let found = times.split(separator: "\n").map { Double($0.filter { $0 != "," })! }
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    let copy = try FilmFile(written)
    let reader = try FilmReader(copy, size: size)
    #expect(reader.pixelAspect == Ratio(4, 3))
    var count = 0
    while let frame = try reader.next() {
      let time = Double(frame.timestamp) * reader.timeBase.value
      #expect(abs(time - expected[count]) < 1e-4)
      #expect(bytes(frame.picture) == bytes(frames[count].picture), "frame \(count)")
      count += 1
    }
    #expect(count == frames.count)
  }

  /// A stream that is cut anywhere, or damaged in its headers, is an error, and never a wrong frame.
  @Test func damagedStreamsAreErrors() throws {
    let size = PixelSize(width: 5, height: 4)
    let stream = path("stream")
    let output = open(stream, O_WRONLY | O_CREAT, 0o600)
    var writer = try NUTWriter(
      NUT.Stream(size: size, pixelAspect: nil, timeBase: Ratio(1, 25)), to: output)
    for frame in frames(size) { try writer.write(frame.picture, timestamp: frame.timestamp) }
    close(output)
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: stream)))
    func count(_ bytes: [UInt8]) throws -> Int {
      try Data(bytes).write(to: URL(fileURLWithPath: stream))
      let input = open(stream, O_RDONLY)
      defer { close(input) }
      var reader = try NUTReader(input)
      var count = 0
      while try reader.next() != nil { count += 1 }
      return count
    }
    #expect(try count(whole) == 7)
    var ends = 0
    for length in 0..<whole.count {
      // A stream may end after any frame, and after a sync point.
      if let frames = try? count(Array(whole.prefix(length))) {
        #expect(frames < 7)
        ends += 1
      }
    }
    #expect(ends <= 14)
    // The bytes of the first packets' start codes, lengths and bodies.
    for place in [0, 20, 25, 32, 33, 34, 40, 60, 70, 75] {
      var damaged = whole
      damaged[place] ^= 0x55
      #expect(throws: NUTError.self, "byte \(place)") { try count(damaged) }
    }
  }

  @Test func rotationIsApplied() throws {
    let (flat, rotated) = (path("flat.mp4"), path("rotated.mp4"))
    _ = try run(
      "ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:duration=0.3:rate=10", flat,
      ])
    _ = try run(
      "ffmpeg",
      ["-v", "error", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90", rotated])
    let film = try FilmFile(rotated)
    #expect(film.size == PixelSize(width: 48, height: 64))
    let reader = try FilmReader(film, size: film.size)
    let frame = try #require(try reader.next())
    let upright = try #require(
      try FilmReader(FilmFile(flat), size: PixelSize(width: 64, height: 48)).next())
    // A row of the stored picture is a column of the upright one, in one of the two directions.
    let (turned, stored) = (bytes(frame.picture), bytes(upright.picture))
    func difference(_ column: Int) -> Int {
      (0..<64).map { x in
        let place = column == 47 ? x : 63 - x
        return abs(Int(turned[3 * (place * 48 + column)]) - Int(stored[3 * x]))
      }.reduce(0, +) / 64
    }
    #expect(min(difference(47), difference(0)) < 10)
  }

  /// Colors survive in every matrix and range that a film states.
  @Test(arguments: [("bt709", "tv"), ("smpte170m", "tv"), ("bt709", "pc"), ("bt2020nc", "tv")])
  func colorsSurvive(matrix: String, range: String) throws {
    let source = path("colors.mp4")
    _ = try run(
      "ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "color=c=0xC83214:size=32x32:duration=0.2:rate=10",
        "-vf",
        "scale=out_color_matrix=\(matrix == "bt2020nc" ? "bt2020" : matrix):out_range=\(range),format=yuv444p",
        "-colorspace", matrix, "-color_range", range, "-crf", "1", source,
      ])
    let film = try FilmFile(source)
    let frame = try #require(try FilmReader(film, size: film.size).next())
    let written = path("written.mp4")
    let writer = try FilmWriter(
      written, size: film.size, pixelAspect: nil, timeBase: Ratio(1, 10),
      encoding: FilmEncoding(path: written, quality: 1), like: film)
    try writer.write(frame)
    try writer.finish()
    let copy = try FilmFile(written)
    #expect(copy.colors.matrix == matrix && copy.colors.range == range)
    let again = try #require(try FilmReader(copy, size: film.size).next())
    for picture in [frame.picture, again.picture] {
      let values = bytes(picture)
      for (value, expected) in zip(values, [0xC8, 0x32, 0x14]) {
        #expect(abs(Int(value) - expected) <= 3, "\(values.prefix(3))")
      }
    }
  }

  @Test func whatIsNoFilmIsAnError() throws {
    try Data("no film".utf8).write(to: URL(fileURLWithPath: path("text.mp4")))
    #expect(throws: FilmError.self) { try FilmFile(path("text.mp4")) }
    #expect(throws: FilmError.self) { try FilmFile(path("none.mp4")) }
    #expect(throws: FilmError.self) { try FilmEncoding(path: path("a.png")) }
    #expect(FilmFile.isFilm(path("text.mp4")))
    for (names, isFine) in [
      (["1.png", "2.png"], true), (["a-08.png", "a-09.png", "a-10.png"], true),
      (["1.png", "3.png"], false), (["1.png", "2.jpg"], false), (["cat.png"], false), ([], false),
    ] {
      let frames = path("\(UUID())")
      try FileManager.default.createDirectory(atPath: frames, withIntermediateDirectories: true)
      for name in names {
        try Picture(pixels: Tensor(shape: [8, 12, 3], repeating: 0.5)).write(
          to: "\(frames)/\(name)")
      }
      let film = try? FilmFile(frames)
      #expect((film != nil) == isFine, "\(names)")
      if let film {
        let reader = try FilmReader(film, size: film.size)
        var count = 0
        while try reader.next() != nil { count += 1 }
        #expect(count == names.count)
      }
    }
  }
}
