import Engine
import Foundation
import Pictures
import Testing

@Suite struct AnimationTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "impasto-\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private var animation: Animation {
    let frames = [Float(0), 0.5, 1].map {
      Picture(pixels: Tensor(shape: [15, 21, 3], repeating: $0))
    }
    return Animation(frames: frames, durations: [0.1, 0.2, 1])
  }

  @Test(arguments: ["gif", "webp"])
  func movingPicturesHaveTheirFrames(format: String) throws {
    let path = folder.appendingPathComponent("a.\(format)").path
    try animation.write(to: path)
    let first = try Picture(contentsOf: path)
    #expect(first.size == PixelSize(width: 21, height: 15))
    #expect(first.pixels.elements.allSatisfy { $0 < 0.02 })
    #expect(try Self.delays(in: Data(contentsOf: URL(fileURLWithPath: path))) == [100, 200, 1000])
  }

  /// The milliseconds of each frame, as both formats' specifications place them: GIF's graphic
  /// control extensions in hundredths of a second, WebP's ANMF chunks.
  private static func delays(in data: Data) -> [Int] {
    let bytes = [UInt8](data)
    func starts(_ pattern: [UInt8]) -> [Int] {
      bytes.indices.filter { bytes[$0...].starts(with: pattern) }
    }
    if bytes.starts(with: Array("GIF".utf8)) {
      return starts([0x21, 0xF9, 0x04]).map { 10 * (Int(bytes[$0 + 4]) + Int(bytes[$0 + 5]) << 8) }
    }
    // After the chunk's name and length: x, y, width and height with three bytes each.
    return starts(Array("ANMF".utf8)).map {
      Int(bytes[$0 + 20]) + Int(bytes[$0 + 21]) << 8 + Int(bytes[$0 + 22]) << 16
    }
  }

  @Test(.enabled(if: Self.output("ffprobe", ["-version"]) != nil), arguments: ["mp4", "apng"])
  func ffmpegsFormatsHaveTheirLength(format: String) throws {
    let path = folder.appendingPathComponent("a.\(format)").path
    try animation.write(to: path)
    let counted = Self.output(
      "ffprobe",
      [
        "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,width,height",
        "-of", "csv=p=0", path,
      ])
    // At 24 frames a second: 2 + 5 + 24, and even sides for MP4.
    let size = format == "mp4" ? "22,16" : "21,15"
    #expect(counted?.trimmingCharacters(in: .whitespacesAndNewlines) == "\(size),31")
  }

  @Test func unknownFormatsAreErrors() {
    for name in ["a.png", "a.avi", "a"] {
      #expect(throws: PictureError.self) {
        try Animation.checkWritable(folder.appendingPathComponent(name).path)
      }
    }
  }

  /// What a program prints; nil if it is not there or fails.
  private static func output(_ program: String, _ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}
