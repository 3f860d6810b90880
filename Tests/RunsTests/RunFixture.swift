import Foundation
import Impasto
import Pictures
import Runs
import TestSupport

/// A temporary folder with small pictures, and a recipe of them.
struct RunFixture {
  let folder: String
  var recipe = Recipe()

  /// - Parameter names: the pictures to make, `photo.png` and `painting.png` among them.
  init(_ names: [String], width: Int, height: Int, seed: UInt64) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var random = SmallRandom(seed)
    for name in names {
      try Picture(pixels: random.tensor([height, width, 3], in: 0...1)).write(
        to: "\(folder)/\(name)")
    }
    recipe.content = "\(folder)/photo.png"
    recipe.style = ["\(folder)/painting.png"]
  }
}
