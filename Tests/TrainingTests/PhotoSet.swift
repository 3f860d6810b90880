import Engine
import Foundation
import Pictures
import TestSupport

/// A folder of small pictures for a test, which removes it at its end.
struct PhotoSet {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(
    "impasto-\(UUID().uuidString)"
  ).path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// Adds a picture of one color, or a random one.
  func add(_ name: String, width: Int = 40, height: Int = 36, color: SIMD3<Float>? = nil) throws {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    var random = SmallRandom(name.utf8.reduce(0) { 31 &* $0 &+ UInt64($1) })
    let elements = (0..<3 * width * height).map { index in
      color.map { $0[index % 3] } ?? Float.random(in: 0...1, using: &random)
    }
    try Picture(pixels: Tensor(shape: [height, width, 3], elements: elements)).write(to: file)
  }

  /// Adds a file with the beginning of a picture.
  func addDamaged(_ name: String) throws {
    try add("whole.png")
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/whole.png"))
    try FileManager.default.removeItem(atPath: "\(path)/whole.png")
    try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
}
