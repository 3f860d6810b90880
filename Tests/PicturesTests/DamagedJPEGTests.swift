import Foundation
import Pictures
import Testing

/// JPEG files that viewers show although they are damaged. Their rows are noise, so that the
/// bytes of a row lie where the row does.
@Suite struct DamagedJPEGTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: PictureReadingTests.path(name)))
  }

  private func file(_ bytes: Data) throws -> PictureFile {
    let url = folder.appendingPathComponent("\(UUID()).jpg")
    try bytes.write(to: url)
    return try PictureFile(url.path)
  }

  private func whole(_ name: String) throws -> Picture {
    try Picture(contentsOf: PictureReadingTests.path(name))
  }

  private func largest(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    zip(a, b).map { abs($0 - $1) }.max()!
  }

  @Test(arguments: ["rows.jpg", "rows-progressive.jpg"])
  func aMissingEndMarkerLosesNothing(name: String) throws {
    let file = try file(try bytes(name).dropLast(2))
    #expect(try file.decoded(file.size) == whole(name))
    #expect(file.notes.count == 1 && file.notes[0].contains("all of its rows"))
  }

  @Test(arguments: ["rows.jpg", "rows-progressive.jpg"])
  func superfluousBytesBeforeAMarkerLoseNothing(name: String) throws {
    var damaged = try bytes(name)
    let marker = try #require(damaged.range(of: Data([0xFF, 0xDB])))
    damaged.insert(contentsOf: [0x11, 0x22, 0x33], at: marker.lowerBound)
    let file = try file(damaged)
    #expect(try file.decoded(file.size) == whole(name))
    #expect(file.notes.count == 1)
  }

  /// The last of ten rows of blocks is damaged: by the end of the file, an end marker, a code
  /// that does not exist, and zeros.
  @Test(arguments: [nil, [0xFF, 0xD9], [0xFF, 0x7F], [UInt8](repeating: 0, count: 173)])
  func damageInTheLastRowsKeepsTheOthers(damage: [UInt8]?) throws {
    var damaged = try bytes("rows.jpg")
    let place = damaged.count * 95 / 100
    if let damage {
      damaged.replaceSubrange(place..<min(damaged.count, place + damage.count), with: damage)
    } else {
      damaged = damaged.prefix(place)
    }
    let file = try file(damaged)
    let picture = try file.decoded(file.size)
    #expect(file.notes.count == 1 && file.notes[0].contains("last 16 of its 160 rows"))
    let kept = 3 * 64 * 140
    let expected = try whole("rows.jpg").pixels.elements
    #expect(largest(picture.pixels.elements[..<kept], expected[..<kept]) == 0)
    // Readers do not repeat the note.
    _ = try file.decoded(PixelSize(width: 16, height: 40))
    #expect(file.notes.count == 1)
  }

  @Test func missingRefinementsLoseOnlyDetails() throws {
    let bytes = try bytes("rows-progressive.jpg")
    let file = try file(bytes.prefix(bytes.count * 97 / 100))
    let picture = try file.decoded(file.size)
    #expect(file.notes.count == 1 && file.notes[0].contains("last details"))
    let expected = try whole("rows-progressive.jpg").pixels.elements
    #expect(largest(picture.pixels.elements[...], expected[...]) < 0.1)
  }

  @Test(arguments: [("rows.jpg", 0.85), ("rows.jpg", 0.3), ("rows-progressive.jpg", 0.5)])
  func largeMissingPartsAreErrors(name: String, part: Double) throws {
    let bytes = try bytes(name)
    let file = try file(bytes.prefix(Int(Double(bytes.count) * part)))
    #expect(throws: PictureError.self) { try file.decoded(file.size) }
    #expect(file.notes.isEmpty)
  }

  @Test func damageInTheMiddleIsAnError() throws {
    var damaged = try bytes("rows.jpg")
    let middle = damaged.count / 2
    damaged.replaceSubrange(middle..<middle + 2, with: [0xFF, 0xD9])
    let file = try file(damaged)
    #expect(throws: PictureError.self) { try file.decoded(file.size) }
  }
}
