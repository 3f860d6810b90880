import Files
import Foundation

/// Reads bytes in order, with bounds checks.
struct ByteReader {
  /// The name in errors: the file and, in an archive, its member.
  let path: String
  private let data: Data
  /// The end of the readable part, in bytes from the start of the data.
  let end: Int
  /// The position of the next byte.
  private(set) var offset: Int

  /// - Parameter range: the part to read. Offsets count from the start of `data`.
  init(_ data: Data, path: String, range: Range<Int>? = nil) {
    self.path = path
    self.data = data
    offset = range?.lowerBound ?? 0
    end = range?.upperBound ?? data.count
  }

  init(_ file: MappedFile, range: Range<Int>? = nil) {
    self.init(file.data, path: file.path, range: range)
  }

  var remaining: Int { end - offset }

  /// A reader of a part of the same bytes.
  func part(_ range: Range<Int>) -> ByteReader { ByteReader(data, path: path, range: range) }

  func malformed(_ reason: String, at offset: Int? = nil) -> ModelFileError {
    .malformed(path: path, offset: offset ?? self.offset, reason: reason)
  }

  /// Skips bytes and returns their position.
  mutating func skip(_ count: Int) throws -> Range<Int> {
    guard count >= 0, count <= remaining else {
      throw malformed("\(count) bytes are announced and \(remaining) follow")
    }
    defer { offset += count }
    return offset..<offset + count
  }

  mutating func byte() throws -> UInt8 { data[data.startIndex + (try skip(1)).lowerBound] }

  /// Reads a little-endian integer.
  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let range = try skip(MemoryLayout<Value>.size)
    return data.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
    }
  }

  /// Reads the length of the bytes that follow.
  mutating func length<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Int {
    let start = offset
    let value = try integer(type)
    guard let length = Int(exactly: value), length >= 0, length <= remaining else {
      throw malformed("\(value) bytes are announced and \(remaining) follow", at: start)
    }
    return length
  }

  mutating func bytes(_ count: Int) throws -> Data {
    let range = try skip(count)
    return data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound]
  }

  /// Reads UTF-8 text.
  mutating func text(_ count: Int) throws -> String {
    let start = offset
    guard let text = String(data: try bytes(count), encoding: .utf8) else {
      throw malformed("this is not UTF-8", at: start)
    }
    return text
  }

  /// The text in a part; nil if it is not UTF-8.
  func text(in range: Range<Int>) -> String? {
    String(
      data: data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound],
      encoding: .utf8)
  }

  /// Reads the text up to the next line feed, and skips the line feed.
  mutating func line() throws -> String {
    let rest = data[data.startIndex + offset..<data.startIndex + end]
    guard let lineEnd = rest.firstIndex(of: 0x0a) else { throw malformed("a line does not end") }
    let line = try text(lineEnd - data.startIndex - offset)
    offset += 1
    return line
  }
}
