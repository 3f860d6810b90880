import Foundation
import Pictures
import TestSupport
import Testing

/// Files with random damage: each is a picture of the size in its header, or an error with a line.
@Suite struct DamagedPictureTests {
  static let names = [
    "rgb.jxl", "alpha.jxl", "deep.jxl", "rgb.jp2", "deep.jp2", "rgb.exr", "rgba.exr", "rgb.avif",
    "p3.heic", "8-bits.bmp", "24-bits.bmp", "fields-alpha.bmp", "runs8.bmp", "runs4.bmp",
    "24-bits.tga", "runs.tga", "palette.tga", "32-bits.tga", "rgb.ppm", "text.ppm", "rgba.pam",
    "little.pfm", "bits.pbm", "raw.nef", "pages.tiff", "premultiplied.tiff", "float-p3.tiff",
    "rows.jpg", "rows-progressive.jpg", "perceptual-profile.png", "p3.webp",
  ]

  /// Larger pictures only take time.
  private static let mostPixels = 4_000_000

  @Test(arguments: names)
  func damageIsAPictureOrOneLine(name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = try Data(contentsOf: URL(fileURLWithPath: PictureReadingTests.path(name)))
    let url = folder.appendingPathComponent(name)
    var random = SmallRandom(7)
    for _ in 0..<DamagedFile.count(usually: 60) {
      try DamagedFile.damaged(whole, &random).write(to: url)
      do {
        let file = try PictureFile(url.path)
        guard file.size.width * file.size.height <= Self.mostPixels else { continue }
        let picture = try file.decoded(file.size)
        #expect(picture.size == file.size)
        #expect(file.notes.allSatisfy { !$0.contains("\n") })
      } catch let error as PictureError {
        #expect(!error.description.contains("\n") && error.description.hasPrefix(url.path))
      }
    }
  }
}
