import Engine
import Files
import Foundation
import Pictures
import Testing

@Suite struct PictureWritingTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// A ramp with finer steps than 8 bits, and with transparency.
  private func ramp(alpha: Bool) -> Picture {
    let (width, height) = (64, 5)
    let pixels = (0..<width * height * 3).map { Float($0) / Float(width * height * 3 - 1) }
    let opacity = (0..<width * height).map { Float($0 % width) / Float(width - 1) }
    return Picture(
      pixels: Tensor(shape: [height, width, 3], elements: pixels),
      alpha: alpha ? Tensor(shape: [height, width], elements: opacity) : nil)
  }

  private func error(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max()! }

  @Test(arguments: [
    ("a.png", 8, 0.51), ("a.tiff", 8, 0.51), ("a.png", 16, 0.003), ("a.tif", 16, 0.003),
    ("a.ppm", 8, 0.51), ("a.ppm", 16, 0.003), ("a.tiff", 32, 0.003),
  ])
  func losslessFormatsRoundToTheirDepth(name: String, depth: Int, steps: Float) throws {
    let picture = ramp(alpha: false)
    try picture.write(
      to: path(name), PictureEncoding(format: PictureFormat(path: name), bitDepth: depth))
    let read = try Picture(contentsOf: path(name))
    #expect(error(read.pixels.elements, picture.pixels.elements) * 255 < steps)
  }

  @Test(arguments: ["a.jpg", "a.JPEG", "a.webp", "a.avif", "a.jxl"])
  func lossyFormatsAreClose(name: String) throws {
    let picture = ramp(alpha: false)
    try picture.write(to: path(name))
    let read = try Picture(contentsOf: path(name))
    #expect(error(read.pixels.elements, picture.pixels.elements) < 0.05)
  }

  @Test func qualityChangesTheSizeOfJPEG() throws {
    let picture = try Picture(contentsOf: PictureReadingTests.path("rgb.jpg"))
    let sizes = try [20, 95].map { quality in
      try picture.encoded(PictureEncoding(format: .jpg, quality: quality), path: "a.jpg").count
    }
    #expect(sizes[0] < sizes[1])
  }

  @Test(arguments: ["a.png", "a.tiff", "a.webp", "a.avif", "a.jxl"])
  func transparencyIsKeptWhereTheFormatHasIt(name: String) throws {
    let picture = ramp(alpha: true)
    try picture.write(to: path(name))
    let alpha = try #require(try Picture(contentsOf: path(name)).alpha)
    #expect(error(alpha.elements, picture.alpha!.elements) < 0.01)
  }

  @Test func transparencyIsDroppedWhereItHasNot() throws {
    try ramp(alpha: true).write(to: path("a.jpg"))
    #expect(try Picture(contentsOf: path("a.jpg")).alpha == nil)
  }

  @Test func deepJPEGXLHasMoreThan256Steps() throws {
    let picture = ramp(alpha: false)
    try picture.write(to: path("a.jxl"), PictureEncoding(format: .jxl, bitDepth: 16, quality: 100))
    let read = try Picture(contentsOf: path("a.jxl")).pixels.elements
    #expect(Set(read).count > 500)
    #expect(error(read, picture.pixels.elements) < 0.05)
  }

  /// The tag of the sample format, with three values of 2 bytes, which lie elsewhere.
  @Test func deepestTIFFHoldsFloats() throws {
    try ramp(alpha: false).write(
      to: path("a.tiff"), PictureEncoding(format: .tiff, bitDepth: 32))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path("a.tiff")))
    let tag = try #require(bytes.range(of: Data([0x53, 0x01, 3, 0, 3, 0, 0, 0])))
    let place = Int(bytes[tag.upperBound]) | Int(bytes[tag.upperBound + 1]) << 8
    #expect(Array(bytes[place..<place + 6]) == [3, 0, 3, 0, 3, 0])
    // It has a profile, so that its floats are not taken for linear light.
    #expect(try PictureFile(path("a.tiff")).notes.isEmpty)
  }

  @Test(arguments: ["a.png", "a.jpg", "a.tiff"])
  func resolutionsAreWritten(name: String) throws {
    var encoding = PictureEncoding(format: try PictureFormat(path: name))
    encoding.resolution = Resolution(across: 300, down: 150)
    try ramp(alpha: false).write(to: path(name), encoding)
    let read = try #require(try PictureFile(path(name)).resolution)
    #expect(abs(read.across - 300) < 0.1 && abs(read.down - 150) < 0.1)
  }

  @Test(arguments: ["a.png", "a.jpg", "a.webp", "a.tiff", "a.avif"])
  func packetsAreEmbedded(name: String) throws {
    let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">a recipe</x:xmpmeta>"
    let encoding = PictureEncoding(format: try PictureFormat(path: name), xmp: packet)
    try ramp(alpha: false).write(to: path(name), encoding)
    #expect(try PictureFile(path(name)).xmp()?.contains("a recipe") == true)
  }

  @Test func onlyTheProfileIsEmbedded() throws {
    let picture = try Picture(contentsOf: PictureReadingTests.path("turned.jpg"))
    try picture.write(to: path("a.jpg"))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path("a.jpg")))
    #expect(bytes.range(of: Data("ICC_PROFILE".utf8)) != nil)
    #expect(bytes.range(of: Data("Camera of the fixtures".utf8)) == nil)
  }

  @Test(arguments: ["a", "a.gif", "a.txt", ".png"])
  func unknownExtensionsAreErrors(name: String) {
    #expect(throws: PictureError.unknownFormat(path: path(name))) {
      try ramp(alpha: false).write(to: path(name))
    }
  }

  @Test func missingFoldersAreErrorsAndLeaveNothing() throws {
    #expect {
      try ramp(alpha: false).write(to: path("missing/a.png"))
    } throws: { error in
      guard case .unwritable(_, let reason) = error as? FileError else { return false }
      return reason == "No such file or directory"
    }
    #expect(throws: FileError.self) { try PictureFormat.checkWritable(path("missing/a.png")) }
    try PictureFormat.checkWritable(path("a.png"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func resizingKeepsFlatColorsAndRange() throws {
    let flat = Picture(pixels: Tensor(shape: [9, 7, 3], repeating: 0.25))
    let large = try flat.resized(to: PixelSize(width: 31, height: 18))
    #expect(large.pixels.shape == [18, 31, 3])
    #expect(large.pixels.elements.allSatisfy { abs($0 - 0.25) < 1e-5 })
    let edges = try ramp(alpha: true).resized(to: PixelSize(width: 20, height: 20))
    #expect(edges.pixels.elements.allSatisfy { (0...1).contains($0) })
    #expect(edges.alpha?.shape == [20, 20])
  }

  /// libvips rounds sizes itself; each result must have the requested size.
  @Test func everySizeIsMade() throws {
    let picture = ramp(alpha: false)
    for (width, height) in [(1, 1), (63, 5), (65, 4), (1, 300), (640, 1), (97, 31), (511, 383)] {
      let made = try picture.resized(to: PixelSize(width: width, height: height))
      #expect(made.pixels.shape == [height, width, 3])
    }
  }

  @Test func sizesKeepTheShape() {
    let size = PixelSize(width: 1000, height: 10)
    #expect(size.scaled(toLongestSide: 100) == PixelSize(width: 100, height: 1))
    #expect(size.scaled(toLongestSide: 10) == PixelSize(width: 10, height: 1))
    #expect(size.fitted(within: 2000) == size)
    #expect(
      PixelSize(width: 734, height: 979).fitted(within: 512) == PixelSize(width: 384, height: 512))
  }

  @Test func chromaComesFromTheOtherPicture() {
    let result = Picture(pixels: Tensor(shape: [1, 1, 3], elements: [0.6, 0.5, 0.4]))
    let photo = Picture(pixels: Tensor(shape: [1, 1, 3], elements: [0.2, 0.4, 0.6]))
    let mixed = result.withChroma(of: photo).pixels.elements
    // By NTSC's matrix: Y 0.5185 of the first; I -0.1836 and Q 0.0202 of the second.
    let (y, i, q): (Float, Float, Float) = (0.5185, -0.1836, 0.0202)
    let expected = [
      y + 0.956 * i + 0.621 * q, y - 0.272 * i - 0.647 * q, y - 1.106 * i + 1.703 * q,
    ]
    #expect(error(mixed, expected) < 2e-3)
    #expect(abs(0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2] - y) < 1e-4)
  }
}
