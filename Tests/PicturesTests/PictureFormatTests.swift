import Engine
import Pictures
import Testing

/// Reads the formats and kinds of files that `make_format_fixtures.py` writes with other programs.
@Suite struct PictureFormatTests {
  private func path(_ name: String) -> String { PictureReadingTests.path(name) }

  private func picture(_ name: String) throws -> Picture { try Picture(contentsOf: path(name)) }

  private func largest(_ a: Tensor, _ b: Tensor) -> Float {
    zip(a.elements, b.elements).map { abs($0 - $1) }.max()!
  }

  @Test(arguments: [
    "8-bits.bmp", "24-bits.bmp", "32-bits.bmp", "no-alpha.bmp", "top-down.bmp", "runs8.bmp",
    "24-bits.tga", "runs.tga", "palette.tga", "bottom-up.tga", "rgb.ppm", "deep.ppm", "text.ppm",
    "rgb.jp2", "deep.jp2", "planar.tiff", "planar16.tiff", "unspecified-sample.tiff",
    "float-rgb.tiff",
  ])
  func losslessFilesAreExact(name: String) throws {
    let picture = try picture(name)
    #expect(picture.size == PixelSize(width: 6, height: 4))
    #expect(Scene.difference(picture) < 0.01)
    #expect(picture.alpha == nil)
  }

  /// The tolerances are half a step of the stored values, or what the encoder loses.
  @Test(arguments: [
    ("555.bmp", 4.2), ("565.bmp", 4.2), ("thousand.ppm", 0.2), ("little.pfm", 0.01),
    ("big.pfm", 0.01), ("rgb.exr", 0.5), ("rgb.jxl", 0.5), ("deep.jxl", 0.5), ("rgb.avif", 6),
    ("jpeg-ycbcr.tiff", 6),
  ])
  func coarserFilesAreClose(name: String, tolerance: Float) throws {
    #expect(Scene.difference(try picture(name)) < tolerance)
  }

  /// Without the profile the colors of these files differ by up to 60.
  @Test(arguments: [
    "p3.heic", "p3.avif", "p3.jpg", "p3.png", "p3.tiff", "p3.webp", "float-p3.tiff",
  ])
  func displayP3IsConverted(name: String) throws {
    let file = try PictureFile(path(name))
    #expect(Scene.difference(try file.decoded(file.size)) < 12)
    #expect(file.notes.isEmpty)
  }

  @Test(arguments: [PixelSize(width: 48, height: 32), PixelSize(width: 192, height: 128)])
  func profilesSurviveResampling(size: PixelSize) throws {
    let pictures = try ["p3.heic", "p3.jpg"].map { try PictureFile(path($0)).decoded(size) }
    for picture in pictures { #expect(Scene.difference(picture) < 16) }
  }

  @Test func profilesOfAnotherIntentAreConverted() throws {
    #expect(Scene.difference(try picture("perceptual-profile.png")) < 2)
  }

  @Test func metadataOfHEICIsRead() throws {
    let packet = try #require(try PictureFile(path("p3.heic")).xmp())
    #expect(packet.contains("fixture") && packet.hasPrefix("<x:xmpmeta"))
  }

  /// Each holds the transparency of `alpha.png`.
  @Test(arguments: [
    ("32-bits.tga", 0.002), ("fields-alpha.bmp", 0.002), ("alpha.jxl", 0.002),
    ("alpha.tiff", 0.002), ("rgba.pam", 0.002), ("premultiplied.tiff", 0.006),
    ("rgba.exr", 0.006), ("second-sample-alpha.tiff", 0.002),
  ])
  func transparencyIsRead(name: String, tolerance: Float) throws {
    let (picture, expected) = (try picture(name), try picture("alpha.png"))
    #expect(largest(try #require(picture.alpha), expected.alpha!) < 0.002)
    #expect(largest(picture.pixels, expected.pixels) < tolerance)
  }

  @Test(arguments: [
    ("1-bits.bmp", "1-bits.bmp.png"), ("bits.pbm", "1-bits.bmp.png"),
    ("gray.tga", "gray.tga.png"), ("gray.pgm", "gray.tga.png"),
  ])
  func grayFilesEqualTheirPNG(name: String, png: String) throws {
    #expect(try largest(picture(name).pixels, picture(png).pixels) < 1e-5)
  }

  @Test func runsOfFourBitsAlternate() throws {
    let picture = try picture("runs4.bmp")
    for (x, index) in [0, 1, 2, 3, 4, 3].enumerated() {
      let red = 255 * picture.pixels.elements[3 * (2 * 6 + x)]
      #expect(abs(red - Float(50 * index)) < 0.01)
    }
  }

  /// Not a number is black, and light beyond white is white.
  @Test func strangeFloatsAreLimited() throws {
    let expected: [Float] = [0, 1, 0, 1, 0, 0.735357]
    let values = try picture("strange.pfm").pixels.elements
    for (value, expected) in zip(values, expected) { #expect(abs(value - expected) < 1e-4) }
  }

  @Test(arguments: [
    ("raw.dng", "raw file"), ("raw.nef", "raw file"), ("lab.tiff", "Lab"),
    ("twelve-bits.tiff", "12 bits"), ("half-floats.tiff", "16 bits"), ("signed.tiff", "signed"),
    ("lzw-ycbcr.tiff", "YCbCr"), ("float.jxl", "floating-point"), ("layer.exr", "diffuse.R"),
  ])
  func unsupportedFilesAreNotCalledDamaged(name: String, says: String) {
    #expect {
      try PictureFile(path(name))
    } throws: { error in
      guard case .unreadable(_, let reason) = error as? PictureError else { return false }
      return reason.contains(says) && !reason.contains("damaged")
    }
  }

  @Test(arguments: [
    ("pages.tiff", "first of its 3 pages"), ("animated.gif", "first of its 2 pages"),
    ("unspecified-sample.tiff", "extra channels"), ("second-sample-alpha.tiff", "extra channels"),
    ("float-rgb.tiff", "no profile"), ("garbage-profile.jpg", "profile cannot be used"),
  ])
  func whatIsLeftOutIsNoted(name: String, says: String) throws {
    let file = try PictureFile(path(name))
    for _ in 0..<2 { _ = try file.decoded(file.size) }
    #expect(file.notes.count == 1)
    #expect(file.notes[0].hasPrefix(file.path) && file.notes[0].contains(says))
  }

  @Test(arguments: ["rgb.png", "rgb.jp2", "rgb.jpg", "alpha.tiff", "rgb.exr", "jpeg-ycbcr.tiff"])
  func wholePicturesHaveNoNotes(name: String) throws {
    let file = try PictureFile(path(name))
    _ = try file.decoded(file.size)
    #expect(file.notes.isEmpty)
  }

  @Test(arguments: [
    ("dpi.jpg", 300, 150), ("dpi.png", 300, 150), ("dpi.tiff", 300, 150),
    ("dpi-turned.jpg", 300, 150),
  ])
  func resolutionsAreRead(name: String, across: Double, down: Double) throws {
    let resolution = try #require(try PictureFile(path(name)).resolution)
    #expect(abs(resolution.across - across) < 0.1 && abs(resolution.down - down) < 0.1)
  }

  @Test func filesWithoutAResolutionHaveNone() throws {
    #expect(try PictureFile(path("rgb.webp")).resolution == nil)
  }

  @Test func absurdSizesAreTooLargeForMemory() throws {
    let file = try PictureFile(path("huge.png"))
    #expect(file.size == PixelSize(width: 9_999_999, height: 9_999_999))
    #expect {
      try file.decoded(file.size)
    } throws: { error in
      guard case .unreadable(_, let reason) = error as? PictureError else { return false }
      return reason.contains("too large for memory") && !reason.contains("damaged")
    }
  }
}
