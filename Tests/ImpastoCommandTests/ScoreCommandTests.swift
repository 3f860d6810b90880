import Foundation
import Impasto
import TestSupport
import Testing

@Suite(.serialized) struct ScoreCommandTests {
  private let command: Command

  init() throws {
    command = try Command()
  }

  private func write(_ name: String, _ entry: String) throws {
    // With 16 bits per channel, rounding changes the golden pictures by less than 1e-5.
    try Picture(pixels: Golden.shared[entry]).write(
      to: command.path(name), PictureEncoding(format: .tiff, bitDepth: 16))
  }

  @Test(arguments: Pooling.allCases)
  func scoresAreTheGoldenLosses(pooling: Pooling) throws {
    try write("x.tiff", "x")
    try write("content.tiff", "content")
    try write("style.tiff", "style")
    let run = try command.run(
      "score", "x.tiff", "--content", "content.tiff", "--style", "style.tiff", "--json",
      "--pooling",
      pooling.rawValue)
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json()
    func golden(_ name: String) -> Double {
      Double(Golden.shared["\(pooling.rawValue).loss_\(name)"].elements[0])
    }
    let style = try #require(json["style"] as? [String: Any])
    let layers = try #require(style["layers"] as? [String: Double])
    #expect(relativeError(json["content"] as! Double, golden("content")) < 1e-3)
    #expect(relativeError(json["tv"] as! Double, golden("tv")) < 1e-3)
    #expect(relativeError(style["total"] as! Double, golden("style")) < 1e-3)
    #expect(Set(layers.keys) == ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"])
    #expect(relativeError(layers.values.reduce(0, +) / 5, style["total"] as! Double) < 1e-6)
  }

  /// Hidden colors of the painting and of the photo do not count.
  @Test func invisiblePixelsDoNotCount() throws {
    func write(_ name: String, hidden: Float, seed: UInt64) throws {
      var random = SmallRandom(seed)
      let colors = random.tensor([40, 48, 3], in: 0.1...0.9).elements
      let isVisible = (0..<40 * 48).map { $0 % 48 < 30 }
      try Picture(
        pixels: Tensor(
          shape: [40, 48, 3],
          elements: colors.enumerated().map { isVisible[$0 / 3] ? $1 : hidden }),
        alpha: Tensor(shape: [40, 48], elements: isVisible.map { $0 ? 1 : 0 })
      ).write(to: command.path(name))
    }
    func score(_ hidden: Float) throws -> String {
      for (name, seed) in [("image.png", 1), ("photo.png", 2), ("painting.png", 3)] {
        try write(name, hidden: hidden, seed: UInt64(seed))
      }
      let run = try command.run(
        "score", "image.png", "--content", "photo.png", "--style", "painting.png", "--json")
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    #expect(try score(0) == score(1))
  }

  @Test func thePhotoFitsThePictureAndOtherShapesAreErrors() throws {
    try command.makePicture("image.png", width: 40, height: 30)
    try command.makePicture("photo.png", width: 400, height: 300)
    try command.makePicture("square.png", width: 300, height: 300)
    let run = try command.run(
      "score", "image.png", "--content", "photo.png", "--style", "square.png")
    #expect(run.status == 0 && run.output.contains("relu5_1"), "\(run.errors)")
    let sized = try command.run(
      "score", "image.png", "--content", "photo.png", "--style", "square.png", "--size", "80",
      "--style-size", "64")
    #expect(sized.status == 0 && sized.output != run.output)
    let wrong = try command.run(
      "score", "image.png", "--content", "square.png", "--style", "photo.png")
    #expect(
      wrong.status != 0 && wrong.lines.count == 1 && wrong.errors.contains("--content square.png"))
  }
}
