import Files
import Foundation

/// Walks the fields of a protocol buffers message without decoding their contents.
///
/// Format: https://protobuf.dev/programming-guides/encoding.
struct WireFormat {
  private var reader: ByteReader

  /// One field of a message.
  struct Field {
    let number: Int
    let value: Value
  }

  enum Value {
    case varint(UInt64)
    /// The position of the bytes of a field with a length.
    case bytes(Range<Int>)
    /// A number of 32 bits.
    case fixed32(UInt32)
    /// A number of 64 bits, whose value is skipped.
    case fixed64
  }

  init(_ file: MappedFile, range: Range<Int>? = nil) {
    reader = ByteReader(file, range: range)
  }

  /// An error at the current position.
  func malformed(_ reason: String) -> ModelFileError { reader.malformed(reason) }

  /// The next field; nil at the end.
  ///
  /// - Throws: `ModelFileError.malformed`.
  mutating func next() throws -> Field? {
    guard reader.remaining > 0 else { return nil }
    let start = reader.offset
    let tag = try varint()
    guard let number = Int(exactly: tag >> 3), 1..<1 << 29 ~= number else {
      throw reader.malformed("the field number is invalid", at: start)
    }
    switch tag & 7 {
    case 0: return Field(number: number, value: .varint(try varint()))
    case 1:
      _ = try reader.skip(8)
      return Field(number: number, value: .fixed64)
    case 2:
      guard let count = Int(exactly: try varint()) else {
        throw reader.malformed("an impossible length", at: start)
      }
      return Field(number: number, value: .bytes(try reader.skip(count)))
    case 5: return Field(number: number, value: .fixed32(try reader.integer(UInt32.self)))
    default: throw reader.malformed("the field has an invalid wire type", at: start)
    }
  }

  private mutating func varint() throws -> UInt64 {
    let start = reader.offset
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try reader.byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw reader.malformed("an integer of more than 64 bits", at: start)
  }

  /// The integers of a packed field.
  static func varints(_ file: MappedFile, _ range: Range<Int>) throws -> [UInt64] {
    var walk = WireFormat(file, range: range)
    var values: [UInt64] = []
    while walk.reader.remaining > 0 { values.append(try walk.varint()) }
    return values
  }

  /// Whether a file is a message with at least one field of a kind.
  static func isMessage(_ file: MappedFile, with isWanted: (Field) -> Bool) -> Bool {
    var walk = WireFormat(file)
    var isFound = false
    do {
      while let field = try walk.next() {
        if !isFound { isFound = isWanted(field) }
      }
    } catch {
      // A truncated file still counts; its reader reports the damage.
      return isFound
    }
    return isFound
  }
}

extension MappedFile {
  /// The text of a field.
  func text(_ range: Range<Int>) throws -> String {
    var reader = ByteReader(self, range: range)
    return try reader.text(range.count)
  }
}
