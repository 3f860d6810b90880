import Engine
import Foundation
import Pictures
import Testing

/// Packed pictures hold what `Picture` does, in fewer bytes.
@Suite struct PackedPictureTests {
  @Test(arguments: [
    ("rgb.png", 8), ("turned.jpg", 8), ("gray.png", 8), ("cmyk.jpg", 8), ("p3.jpg", 16),
    ("gray16.png", 16), ("float.tiff", 16), ("alpha.png", 16), ("rgb.ppm", 16),
    ("animated.gif", 16),
  ])
  func holdsTheDecodedValues(name: String, bits: Int) throws {
    let file = try PictureFile(PictureReadingTests.path(name))
    for size in [file.size, PixelSize(width: 5, height: 3)] {
      let packed = try file.packed(size)
      let expected = try file.decoded(size)
      #expect(packed.size == size)
      #expect(packed.depth.rawValue == bits)
      #expect(packed.alpha == expected.alpha)
      for (value, other) in zip(packed.picture.pixels.elements, expected.pixels.elements) {
        // The alpha path rounds to 16 bits.
        #expect(abs(value - other) < 1e-5)
      }
    }
  }

  @Test func damagedFilesAreErrors() throws {
    let path = PictureReadingTests.path("rows.png")
    let damaged = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: damaged) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(bytes.count / 2).write(to: damaged)
    let file = try PictureFile(damaged.path)
    #expect(throws: PictureError.self) { try file.packed(file.size) }
  }

  @Test(arguments: [PackedPicture.Depth.eight, .sixteen, .float])
  func partsOfRowsAreReadAndWritten(depth: PackedPicture.Depth) throws {
    let packed = PackedPicture(size: PixelSize(width: 4, height: 3), depth: depth)
    packed.write(row: 1, columns: 1..<3, [0.25, 0.5, 1, -1, 2, .nan])
    var read = [Float](repeating: 9, count: 6)
    packed.read(row: 1, columns: 1..<3, into: &read)
    let limit: Float = depth == .eight ? 0.501 / 255 : 1e-5
    for (value, expected) in zip(read, [0.25, 0.5, 1] as [Float]) {
      #expect(abs(value - expected) <= limit)
    }
    #expect(Array(read[3..<5]) == (depth == .float ? [-1, 2] : [0, 1]))
    #expect(depth == .float ? read[5].isNaN : read[5] == 0)
    let sum = packed.picture.pixels.elements.prefix(12).reduce(0, +)
    #expect(sum == 0)
  }

  @Test func resizingAgreesWithPictures() throws {
    let file = try PictureFile(PictureReadingTests.path("rgb.jpg"))
    for size in [PixelSize(width: 31, height: 17), PixelSize(width: 130, height: 90)] {
      let packed = try file.packed(file.size).resized(to: size)
      let expected = try file.decoded(file.size).resized(to: size)
      for (value, other) in zip(packed.pixels.elements, expected.pixels.elements) {
        // libvips rounds between its two directions.
        #expect(abs(value - other) < 0.02)
      }
    }
  }

  @Test(arguments: [PictureFormat.png, .jpg, .tiff, .ppm])
  func transparencyIsEncodedLikeThatOfPictures(format: PictureFormat) throws {
    let picture = try Picture(contentsOf: PictureReadingTests.path("alpha.png"))
    let encoding = PictureEncoding(format: format)
    let own = try PackedPicture(picture, depth: .eight).encoded(encoding, path: "a")
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: path) }
    func decoded(_ bytes: Data) throws -> Picture {
      try bytes.write(to: path)
      return try Picture(contentsOf: path.path)
    }
    let (ours, theirs) = try (decoded(own), decoded(picture.encoded(encoding, path: "a")))
    #expect(ours.size == theirs.size)
    #expect(ours.alpha == theirs.alpha)
    #expect((ours.alpha != nil) == format.hasAlpha)
    for (value, other) in zip(ours.pixels.elements, theirs.pixels.elements) {
      #expect(abs(value - other) < (format == .jpg ? 0.02 : 1.5 / 255))
    }
  }
}
