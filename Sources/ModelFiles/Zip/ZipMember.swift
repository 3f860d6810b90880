import CZlibSystem
import Files
import Foundation

/// A file in a zip archive.
struct ZipMember: Sendable {
  private let file: MappedFile
  let name: String
  /// The size in bytes after unpacking.
  let count: Int
  private let method: Method
  private let checksum: UInt32
  /// The position of the packed bytes in the archive.
  private let stored: Range<Int>

  enum Method: UInt16 {
    case plain = 0
    case deflate = 8
  }

  /// Floats hardly compress. A member that grows more than this is an attack on the memory.
  private static let mostGrowth = 20
  private static let headerSignature: UInt32 = 0x0403_4b50

  /// Finds the member's bytes, which follow a header of its own.
  ///
  /// - Parameter entry: the position of the member's entry in the archive's directory.
  /// - Throws: `ModelFileError.malformed`.
  init(
    file: MappedFile, name: String, method: Method, checksum: UInt32, _ numbers: ZipNumbers,
    entry: Int
  ) throws {
    func malformed(_ reason: String) -> ModelFileError {
      .malformed(
        path: file.path, offset: entry, reason: "member '\(name.prefix(80))' \(reason)")
    }
    guard numbers.offset < file.count else { throw malformed("is outside of the archive") }
    var header = ByteReader(file, range: numbers.offset..<file.count)
    guard try header.integer(UInt32.self) == Self.headerSignature else {
      throw malformed("has no header")
    }
    _ = try header.skip(22)
    let lengths = try (0..<2).map { _ in Int(try header.integer(UInt16.self)) }
    _ = try header.skip(lengths[0] + lengths[1])
    stored = try header.skip(numbers.stored)
    guard method == .deflate || numbers.count == numbers.stored else {
      throw malformed("has contradictory sizes")
    }
    guard numbers.count / Self.mostGrowth <= numbers.stored + 1024 else {
      throw malformed(
        "would grow to \(numbers.count) bytes from \(numbers.stored), which is not plausible for weights"
      )
    }
    self.file = file
    self.name = name
    self.method = method
    self.checksum = checksum
    count = numbers.count
  }

  /// The member's name in errors.
  var path: String { "\(file.path), member \(name.prefix(80))" }

  /// A part of the member, unpacked.
  ///
  /// The checksum is verified if the part reaches the end of the member.
  ///
  /// - Throws: `ModelFileError.malformed` if the member has fewer bytes or is damaged.
  func bytes(_ range: Range<Int>? = nil) throws -> Data {
    let range = range ?? 0..<count
    guard range.upperBound <= count else {
      throw malformed("\(range.upperBound) bytes are needed, but it has \(count)")
    }
    let isWhole = range.upperBound == count
    switch method {
    case .plain:
      if isWhole { try verify(Checksum(of: file.data[stored]).value) }
      let place = stored.lowerBound + range.lowerBound..<stored.lowerBound + range.upperBound
      // A slice would read the released pages again.
      let bytes = file.data[place].withUnsafeBytes { Data($0) }
      file.release(stored)
      return bytes
    case .deflate:
      let (bytes, found) = try inflate(range)
      if isWhole { try verify(found) }
      file.release(stored)
      return bytes
    }
  }

  private func verify(_ found: UInt32) throws {
    guard found == checksum else { throw malformed("its checksum is wrong") }
  }

  /// Unpacks the member up to the end of a range.
  private func inflate(_ range: Range<Int>) throws -> (Data, checksum: UInt32) {
    var stream = z_stream()
    let windowBits = -MAX_WBITS  // without zlib's own header
    guard
      inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw malformed("zlib cannot start") }
    defer { inflateEnd(&stream) }
    var result = Data(capacity: range.count)
    var checksum = Checksum()
    var done = 0
    var part = [UInt8](repeating: 0, count: 1 << 16)
    try file.data[stored].withUnsafeBytes { packed in
      stream.next_in = UnsafeMutablePointer(
        mutating: packed.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(clamping: packed.count)
      while done < range.upperBound {
        let wanted = min(part.count, range.upperBound - done)
        let status = part.withUnsafeMutableBufferPointer {
          stream.next_out = $0.baseAddress
          stream.avail_out = UInt32(wanted)
          return CZlibSystem.inflate(&stream, Z_NO_FLUSH)
        }
        let got = wanted - Int(stream.avail_out)
        guard got > 0, status == Z_OK || status == Z_STREAM_END else {
          throw malformed("it cannot be unpacked")
        }
        checksum.add(part[..<got])
        let kept = max(range.lowerBound, done)..<done + got
        if kept.lowerBound < done + got {
          result.append(contentsOf: part[kept.lowerBound - done..<kept.upperBound - done])
        }
        done += got
      }
    }
    return (result, checksum.value)
  }

  private func malformed(_ reason: String) -> ModelFileError {
    .malformed(path: path, offset: stored.lowerBound, reason: reason)
  }
}

/// The running CRC-32 of bytes.
private struct Checksum {
  private(set) var value: UInt32 = 0

  init() {}

  init(of bytes: Data) {
    bytes.withUnsafeBytes { add($0) }
  }

  mutating func add(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { add($0) }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    value = UInt32(truncatingIfNeeded: crc32_z(UInt(value), start, bytes.count))
  }
}
