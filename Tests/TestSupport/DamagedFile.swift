import Foundation

/// Damages files like failed downloads, disks and attackers do.
package enum DamagedFile {
  /// The number of damaged files that a test tries: `few` in a normal run, `IMPASTO_FUZZ` in
  /// `make fuzz`.
  package static func count(usually few: Int) -> Int {
    ProcessInfo.processInfo.environment["IMPASTO_FUZZ"].flatMap { Int($0) } ?? few
  }

  /// Boundary values of sizes and counts.
  private static let numbers: [UInt64] = [
    0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
    0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max,
  ]

  /// Damages a file in one to four places, mostly near its ends, where formats keep their headers.
  package static func damaged(_ whole: Data, _ random: inout SmallRandom) -> Data {
    var data = whole
    for _ in 0..<Int.random(in: 1...4, using: &random) where data.count > 16 {
      let place = place(in: data, &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: data = data.prefix(place)
      case 1: data[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: data[place] = UInt8.random(in: 0...255, using: &random)
      case 3:
        let width = [1, 2, 4, 8].randomElement(using: &random)!
        let number = numbers.randomElement(using: &random)!
        let bytes = withUnsafeBytes(of: number.littleEndian) { Data($0.prefix(width)) }
        data.replaceSubrange(place..<min(data.count, place + width), with: bytes)
      case 4: data.removeSubrange(place..<min(data.count, place + length(&random)))
      case 5:
        let from = self.place(in: data, &random)
        let piece = Data(data[from..<min(data.count, from + length(&random))])
        data.insert(contentsOf: piece, at: place)
      default:
        let from = self.place(in: data, &random)
        let piece = Data(data[from..<min(data.count, from + length(&random))])
        data.replaceSubrange(place..<min(data.count, place + piece.count), with: piece)
      }
    }
    return Data(data)
  }

  /// Reads damaged copies of a file.
  ///
  /// - Parameters:
  ///   - path: the whole file.
  ///   - few: the number of copies in a normal run.
  ///   - read: reads a copy, whose path and size it receives.
  /// - Returns: the errors that `read` threw, each with the path of its copy.
  package static func errors(
    in path: String, usually few: Int = 300, read: (_ path: String, _ size: Int) throws -> Void
  ) throws -> [(path: String, error: any Error)] {
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    let name = URL(fileURLWithPath: path).lastPathComponent
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString)-\(name)")
    defer { try? FileManager.default.removeItem(at: copy) }
    var random = SmallRandom(UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xffff))
    var errors: [(path: String, error: any Error)] = []
    for _ in 0..<count(usually: few) {
      let data = damaged(whole, &random)
      try data.write(to: copy)
      do {
        try read(copy.path, data.count)
      } catch {
        errors.append((copy.path, error))
      }
    }
    return errors
  }

  private static func length(_ random: inout SmallRandom) -> Int {
    1 << Int.random(in: 0..<10, using: &random)
  }

  private static func place(in data: Data, _ random: inout SmallRandom) -> Int {
    let end = min(data.count, 1 << Int.random(in: 4..<13, using: &random))
    return switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: Int.random(in: 0..<end, using: &random)
    case 5..<8: Int.random(in: data.count - end..<data.count, using: &random)
    default: Int.random(in: 0..<data.count, using: &random)
    }
  }
}
