import Files
import Foundation

/// The members of a zip archive, including archives with the 64-bit extension.
///
/// libzip is not used: it ended the process on damaged archives (`zip_fseek` in version 1.7)
/// and does not expose the position of a member's bytes.
///
/// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
struct ZipArchive: Sendable {
  /// The members by their names in the archive.
  let members: [String: ZipMember]

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let end64Signature: UInt32 = 0x0606_4b50
  private static let locatorSignature: UInt32 = 0x0706_4b50
  private static let entrySignature: UInt32 = 0x0201_4b50
  /// The end's record without its comment, and the longest comment.
  private static let endCount = 22
  private static let longestComment = 0xffff

  /// - Throws: `ModelFileError.malformed` and `.unsupported`.
  init(_ file: MappedFile) throws {
    let directory = try Self.directory(of: file)
    var reader = ByteReader(file, range: directory.place)
    var members: [String: ZipMember] = [:]
    for _ in 0..<directory.count {
      let start = reader.offset
      let member = try Self.entry(&reader, file)
      guard members.updateValue(member, forKey: member.name) == nil else {
        throw reader.malformed(
          "the archive has two members of the name '\(member.name.prefix(80))'", at: start)
      }
    }
    self.members = members
  }

  /// Finds the archive's directory and the number of members that it lists.
  private static func directory(of file: MappedFile) throws -> (place: Range<Int>, count: Int) {
    let end = try end(of: file)
    var reader = ByteReader(file, range: end..<file.count)
    _ = try reader.skip(4 + 2 + 2 + 2)
    var count = Int(try reader.integer(UInt16.self))
    var size = Int(try reader.integer(UInt32.self))
    var offset = Int(try reader.integer(UInt32.self))
    if count == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff {
      (count, size, offset) = try directory64(of: file, end: end)
    }
    guard offset <= end, size <= end - offset else {
      throw reader.malformed("the archive's directory is outside of the archive", at: end)
    }
    return (offset..<offset + size, count)
  }

  /// Finds the record at the end of the archive. Only a comment may follow it.
  private static func end(of file: MappedFile) throws -> Int {
    let last = file.count - endCount
    guard last >= 0 else {
      throw ByteReader(file).malformed("the file is too short for an archive", at: file.count)
    }
    for place in stride(from: last, through: max(0, last - longestComment), by: -1) {
      var reader = ByteReader(file, range: place..<file.count)
      guard try reader.integer(UInt32.self) == endSignature else { continue }
      return place
    }
    throw ByteReader(file).malformed("the archive is cut off: its end is missing", at: file.count)
  }

  private static func directory64(of file: MappedFile, end: Int) throws
    -> (count: Int, size: Int, offset: Int)
  {
    var locator = ByteReader(file, range: max(0, end - 20)..<end)
    guard try locator.integer(UInt32.self) == locatorSignature else {
      throw locator.malformed("the archive's 64-bit directory is missing", at: end)
    }
    _ = try locator.skip(4)
    let place = try locator.integer(UInt64.self)
    guard let place = Int(exactly: place), place <= end else {
      throw locator.malformed("the archive's 64-bit directory is outside of the archive")
    }
    var reader = ByteReader(file, range: place..<end)
    guard try reader.integer(UInt32.self) == end64Signature else {
      throw reader.malformed("the archive's 64-bit directory is missing", at: place)
    }
    _ = try reader.skip(8 + 2 + 2 + 4 + 4 + 8)
    let numbers = try (0..<3).map { _ in Int(exactly: try reader.integer(UInt64.self)) ?? .max }
    return (numbers[0], numbers[1], numbers[2])
  }

  private static func entry(_ reader: inout ByteReader, _ file: MappedFile) throws -> ZipMember {
    let start = reader.offset
    guard try reader.integer(UInt32.self) == entrySignature else {
      throw reader.malformed("the archive's directory is damaged", at: start)
    }
    _ = try reader.skip(4)
    let flags = try reader.integer(UInt16.self)
    let method = try reader.integer(UInt16.self)
    _ = try reader.skip(4)
    let checksum = try reader.integer(UInt32.self)
    var numbers = ZipNumbers(
      stored: Int(try reader.integer(UInt32.self)), count: Int(try reader.integer(UInt32.self)))
    let lengths = try (0..<3).map { _ in Int(try reader.integer(UInt16.self)) }
    _ = try reader.skip(2 + 2 + 4)
    numbers.offset = Int(try reader.integer(UInt32.self))
    let name = try reader.text(lengths[0])
    let extra = try reader.skip(lengths[1])
    _ = try reader.skip(lengths[2])
    try numbers.extend(ByteReader(file, range: extra))
    guard flags & 1 == 0, let method = ZipMember.Method(rawValue: method) else {
      throw ModelFileError.unsupported(
        path: file.path,
        reason: "member '\(name.prefix(80))' is encrypted or compressed by a method that is not "
          + "supported; unpack the archive and pack it again")
    }
    return try ZipMember(
      file: file, name: name, method: method, checksum: checksum, numbers, entry: start)
  }
}

/// The sizes and the position of a member, which may have 64 bits.
struct ZipNumbers {
  /// The number of bytes in the archive.
  var stored: Int
  /// The number of bytes after unpacking.
  var count: Int
  /// The position of the member's own header.
  var offset = 0

  private static let inExtra = 0xffff_ffff

  init(stored: Int, count: Int) {
    self.stored = stored
    self.count = count
  }

  /// Takes the numbers that do not fit into 32 bits from the entry's extra fields.
  mutating func extend(_ extra: ByteReader) throws {
    var extra = extra
    while extra.remaining >= 4 {
      let kind = try extra.integer(UInt16.self)
      let field = try extra.skip(try extra.length(UInt16.self))
      guard kind == 1 else { continue }
      var numbers = extra.part(field)
      for path in [\ZipNumbers.count, \.stored, \.offset] where self[keyPath: path] == Self.inExtra
      {
        self[keyPath: path] = Int(exactly: try numbers.integer(UInt64.self)) ?? .max
      }
    }
  }
}
