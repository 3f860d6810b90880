import Dispatch
import Engine
import Foundation
import Pictures
import Testing

/// Times decoding on several threads; Benchmarks/decoding.sh runs it, and the tests skip it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["IMPASTO_BENCH_DECODING"] != nil))
struct DecodingBenchmark {
  @Test(arguments: [PictureFormat.jpg, .png])
  func fourDecodes(format: PictureFormat) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID()).\(format.rawValue)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.scene.write(to: path)
    let file = try PictureFile(path)
    _ = try file.decoded(file.size)

    var (alone, together) = (Double.infinity, Double.infinity)
    for _ in 0..<5 {
      alone = min(alone, Self.seconds { for _ in 0..<4 { Self.decode(file) } })
      together = min(
        together,
        Self.seconds { DispatchQueue.concurrentPerform(iterations: 4) { _ in Self.decode(file) } })
    }
    print(
      String(
        format: "%@ %@: 4 decodes one after another %.3f s, at once %.3f s, ratio %.2f",
        format.rawValue, file.size.description, alone, together, together / alone))
  }

  /// A large picture that compresses like a photo: smooth, with some noise.
  private static var scene: Picture {
    let (width, height) = (2400, 1600)
    var state: UInt64 = 1
    let elements = (0..<width * height * 3).map { i -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let (x, y) = (Float(i / 3 % width), Float(i / 3 / width))
      return 0.5 + 0.3 * sin(x / 90) * cos(y / 70) + 0.1 * (Float(state >> 40) / 0x1p24 - 0.5)
    }
    return Picture(pixels: Tensor(shape: [height, width, 3], elements: elements))
  }

  private static func decode(_ file: PictureFile) {
    do { _ = try file.decoded(file.size) } catch { Issue.record(error) }
  }

  private static func seconds(_ body: () -> Void) -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }
}
