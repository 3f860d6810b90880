import Foundation

/// The Netpbm formats: PBM, PGM and PPM as text and binary, PAM, and PFM.
///
/// PFM holds linear light, the others sRGB.
struct PNMReader: BitmapReader {
  let size: PixelSize
  private let path: String
  private let kind: Kind
  /// The values of a pixel.
  private let depth: Int
  private let maximum: Int
  private let isBigEndian: Bool
  private let dataOffset: Int

  private enum Kind { case textBits, text, bits, binary, floats }

  static func matches(_ start: [UInt8]) -> Bool {
    guard start.count > 2, start[0] == UInt8(ascii: "P") else { return false }
    let kinds = Array("1234567Ff".utf8)
    return kinds.contains(start[1]) && [9, 10, 13, 32, UInt8(ascii: "#")].contains(start[2])
  }

  init(path: String) throws {
    self.path = path
    var header = PNMHeader(bytes: try FileBytes(path: path).bytes(at: 2, count: 65536))
    let letter = try FileBytes(path: path).bytes(at: 1, count: 1)[0]
    switch UnicodeScalar(letter) {
    case "1", "4": (kind, depth) = (letter == UInt8(ascii: "1") ? .textBits : .bits, 1)
    case "2": (kind, depth) = (.text, 1)
    case "3": (kind, depth) = (.text, 3)
    case "5": (kind, depth) = (.binary, 1)
    case "6": (kind, depth) = (.binary, 3)
    case "F": (kind, depth) = (.floats, 3)
    case "f": (kind, depth) = (.floats, 1)
    default:
      let fields = try header.fields()
      size = try BitmapFormat.size(width: fields["WIDTH"] ?? 0, height: fields["HEIGHT"] ?? 0)
      (kind, depth) = (.binary, fields["DEPTH"] ?? 0)
      maximum = fields["MAXVAL"] ?? 0
      guard (1...4).contains(depth) else {
        throw UnreadableFormat("its \(depth) channels are not supported; save it as PNG")
      }
      isBigEndian = true
      dataOffset = 2 + header.position
      try Self.check(maximum: maximum)
      return
    }
    size = try BitmapFormat.size(width: header.number(), height: header.number())
    switch kind {
    case .textBits, .bits: (maximum, isBigEndian) = (1, true)
    case .text, .binary: (maximum, isBigEndian) = (try header.number(), true)
    case .floats: (maximum, isBigEndian) = (1, try header.scale() > 0)
    }
    try header.skipSpace()
    dataOffset = 2 + header.position
    try Self.check(maximum: maximum)
  }

  private static func check(maximum: Int) throws {
    guard (1...65535).contains(maximum) else {
      throw UnreadableFormat("it is damaged (its largest value is \(maximum))")
    }
  }

  func pixels() throws -> [UInt16] {
    let file = try FileBytes(path: path)
    let data = file.bytes(at: dataOffset, count: file.count)
    let count = size.width * size.height * depth
    let isDeep = maximum > 255
    switch kind {
    case .floats: return try pixels(floats: data)
    case .bits:
      let stride = (size.width + 7) / 8
      guard data.count >= stride * size.height else { throw UnreadableFormat.truncated }
      return try pixels { i in
        let (y, x) = i.quotientAndRemainder(dividingBy: size.width)
        return 1 - Int(data[y * stride + x / 8] >> (7 - x % 8)) & 1
      }
    case .binary:
      guard data.count >= count * (isDeep ? 2 : 1) else { throw UnreadableFormat.truncated }
      return try pixels { isDeep ? Int(data[2 * $0]) << 8 | Int(data[2 * $0 + 1]) : Int(data[$0]) }
    case .text, .textBits:
      var numbers = PNMHeader(bytes: data)
      return try pixels { _ in try kind == .text ? numbers.number() : 1 - numbers.digit() }
    }
  }

  /// The pixels of values 0…`maximum`, which are requested in their order.
  private func pixels(_ value: (Int) throws -> Int) throws -> [UInt16] {
    var pixels = DeepPixels(size)
    var stored: [UInt16] = [0, 0, 0, 65535]
    for y in 0..<size.height {
      for x in 0..<size.width {
        for i in 0..<depth {
          stored[i] = scaled(try value((y * size.width + x) * depth + i))
        }
        var pixel = DeepPixel(0, 0, 0)
        pixel.red = stored[0]
        pixel.green = stored[depth < 3 ? 0 : 1]
        pixel.blue = stored[depth < 3 ? 0 : 2]
        if depth == 2 || depth == 4 { pixel.alpha = stored[depth - 1] }
        pixels.put(pixel, x, y)
      }
    }
    return pixels.values
  }

  private func scaled(_ value: Int) -> UInt16 {
    UInt16((min(max(value, 0), maximum) * 65535 * 2 + maximum) / (2 * maximum))
  }

  /// The pixels of a PFM, whose rows are stored from the bottom to the top.
  private func pixels(floats data: [UInt8]) throws -> [UInt16] {
    let integers = FileIntegers(bytes: data, isBigEndian: isBigEndian)
    var pixels = DeepPixels(size)
    var light: [Float] = [0, 0, 0]
    for y in 0..<size.height {
      for x in 0..<size.width {
        for i in 0..<depth {
          let bits = try integers.u32(4 * ((y * size.width + x) * depth + i))
          light[i] = Float(bitPattern: UInt32(bits))
        }
        let pixel = DeepPixel(
          linear: light[0], light[depth < 3 ? 0 : 1], light[depth < 3 ? 0 : 2])
        pixels.put(pixel, x, size.height - 1 - y)
      }
    }
    return pixels.values
  }
}

/// The text of a Netpbm file: words with comments between them.
struct PNMHeader {
  let bytes: [UInt8]
  private(set) var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private static let longestWord = 40

  /// The next word.
  mutating func word() throws -> String {
    try skipSpaceAndComments()
    let start = position
    while position < bytes.count, !isSpace(bytes[position]), position - start < Self.longestWord {
      position += 1
    }
    guard position > start else { throw UnreadableFormat.truncated }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// The next unsigned number.
  mutating func number() throws -> Int {
    let word = try word()
    guard let number = Int(word), number >= 0 else {
      throw UnreadableFormat("it is damaged (“\(word)” is not a number)")
    }
    return number
  }

  /// The sign of a PFM's byte order, with a factor.
  mutating func scale() throws -> Double {
    let word = try word()
    guard let scale = Double(word), scale != 0 else {
      throw UnreadableFormat("it is damaged (“\(word)” is not a scale)")
    }
    return scale
  }

  /// The next digit of a PBM in text, which may have no spaces.
  mutating func digit() throws -> Int {
    try skipSpaceAndComments()
    guard position < bytes.count, let digit = [48: 0, 49: 1][Int(bytes[position])] else {
      throw UnreadableFormat.truncated
    }
    position += 1
    return digit
  }

  /// The fields of a PAM header.
  mutating func fields() throws -> [String: Int] {
    var fields: [String: Int] = [:]
    while true {
      let key = try word()
      if key == "ENDHDR" { break }
      if key == "TUPLTYPE" { _ = try word() } else { fields[key] = try number() }
    }
    try skipSpace()
    return fields
  }

  /// Skips the one space before binary values.
  mutating func skipSpace() throws {
    guard position < bytes.count, isSpace(bytes[position]) else { throw UnreadableFormat.truncated }
    position += 1
  }

  private mutating func skipSpaceAndComments() throws {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 10, bytes[position] != 13 { position += 1 }
      } else if isSpace(bytes[position]) {
        position += 1
      } else {
        return
      }
    }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
