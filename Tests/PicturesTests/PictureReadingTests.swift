import Foundation
import Pictures
import Testing

/// Reads what other programs wrote; `make_fixtures.py` says what the pictures show.
@Suite struct PictureReadingTests {
  static func path(_ name: String) -> String {
    Bundle.module.url(forResource: "Fixtures", withExtension: nil)!.appendingPathComponent(name)
      .path
  }

  @Test(arguments: ["rgb.png", "rgb.webp", "rgb.tiff", "animated.gif"])
  func losslessFormatsAreExact(name: String) throws {
    let picture = try Picture(contentsOf: Self.path(name))
    #expect(picture.size == PixelSize(width: 6, height: 4))
    #expect(Scene.difference(picture) < 0.01)
    #expect(picture.alpha == nil)
  }

  @Test(arguments: ["rgb.jpg", "rgb.heic"])
  func lossyFormatsAreClose(name: String) throws {
    let picture = try Picture(contentsOf: Self.path(name))
    #expect(picture.size == PixelSize(width: 96, height: 64))
    #expect(Scene.difference(picture) < 6)
  }

  @Test func orientationIsApplied() throws {
    let picture = try Picture(contentsOf: Self.path("turned.jpg"))
    #expect(picture.size == PixelSize(width: 96, height: 64))
    #expect(Scene.difference(picture) < 6)
    let small = try Picture(contentsOf: Self.path("turned.jpg"), longestSide: 48)
    #expect(small.size == PixelSize(width: 48, height: 32))
    #expect(Scene.difference(small) < 12)
  }

  @Test func profilesAreConvertedToSRGB() throws {
    #expect(Scene.difference(try Picture(contentsOf: Self.path("swapped-profile.png"))) < 2)
  }

  @Test(arguments: ["alpha-profile.png", "garbage-profile.png", "garbage-profile.jpg"])
  func otherProfilesDoNoHarm(name: String) throws {
    #expect(Scene.difference(try Picture(contentsOf: Self.path(name))) < 3)
  }

  @Test(arguments: ["gray.png", "gray-rgb-profile.png"])
  func grayIsSpreadOverThreeChannels(name: String) throws {
    let picture = try Picture(contentsOf: Self.path(name))
    for x in 0..<6 {
      for channel in 0..<3 {
        #expect(abs(255 * picture.pixels.elements[3 * x + channel] - Float(50 * x)) < 0.01)
      }
    }
  }

  @Test func sixteenBitsKeepTheirSteps() throws {
    let picture = try Picture(contentsOf: Self.path("gray16.png"))
    for y in 0..<4 {
      for x in 0..<6 {
        let value = 65535 * picture.pixels.elements[(y * 6 + x) * 3]
        #expect(abs(value - Float(x * 10000 + y * 257)) < 1)
      }
    }
  }

  @Test func fourColorsAreNotInverted() throws {
    let picture = try Picture(contentsOf: Self.path("cmyk.jpg"))
    func red(_ x: Int) -> Float { picture.pixels.elements[(8 * picture.width + 16 * x + 8) * 3] }
    #expect(red(0) < red(2) && red(2) < red(5))
  }

  /// Colors are not blended with anything, except that invisible pixels continue the visible ones.
  @Test func transparentColorsAreTheFiles() throws {
    let picture = try Picture(contentsOf: Self.path("alpha.png"))
    let alpha = try #require(picture.alpha)
    for x in 0..<6 {
      let expected = Float(x) / 5
      #expect(abs(alpha.elements[x] - expected) < 0.01)
      let red = x == 0 ? 50..<120 : 50 * x..<50 * x + 1
      #expect(red.contains(Int((255 * picture.pixels.elements[3 * x]).rounded())))
    }
  }

  @Test(arguments: [
    "truncated-rgb.png", "truncated-rgb.jpg", "truncated-rgb.webp", "truncated-rgb.tiff",
    "truncated-rgb.heic",
    "truncated-animated.gif", "not-a-picture.jpg", "empty.png", "missing.png", ".",
  ])
  func badFilesAreErrorsThatNameThem(name: String) {
    let path = Self.path(name)
    #expect {
      try Picture(contentsOf: path)
    } throws: { error in
      guard case .unreadable(path, let reason) = error as? PictureError else { return false }
      return !reason.isEmpty && !reason.contains("\n")
    }
  }

  /// SVG is a format that libvips knows; its loader must not be reached.
  @Test func otherLoadersAreBlockedWhateverTheExtension() throws {
    for name in ["drawing.svg", "drawing.png"] {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())-\(name)")
      try Data(#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>"#.utf8).write(
        to: url)
      defer { try? FileManager.default.removeItem(at: url) }
      #expect(throws: PictureError.self) { try Picture(contentsOf: url.path) }
    }
  }

  @Test func formatIsToldByContent() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).jpg")
    try FileManager.default.copyItem(at: URL(fileURLWithPath: Self.path("rgb.png")), to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(Scene.difference(try Picture(contentsOf: url.path)) < 0.01)
  }
}
