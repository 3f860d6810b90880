/// Windows and OS/2 bitmaps: 1 to 32 bits a pixel, palettes, bit fields, and run lengths.
struct BMPReader: BitmapReader {
  let size: PixelSize
  let notes: [String]
  private let path: String
  private let dataOffset: Int
  private let bits: Int
  private let compression: Compression
  private let isTopDown: Bool
  /// The colors of up to 8 bits; empty for deeper pixels.
  private let palette: [DeepPixel]
  private let fields: [BitField]

  private enum Compression: Int {
    case none, runs8, runs4, bitFields
    case alphaBitFields = 6
  }

  static func matches(_ start: [UInt8]) -> Bool { start.starts(with: Array("BM".utf8)) }

  init(path: String) throws {
    self.path = path
    // File header, the longest information header, three masks and a palette.
    let header = FileIntegers(bytes: try FileBytes(path: path).bytes(at: 0, count: 2048))
    dataOffset = try header.u32(10)
    let length = try header.u32(14)
    let isCore = length == 12
    guard isCore || (40...124).contains(length) else {
      throw UnreadableFormat("it is a BMP file of an unknown version")
    }
    let width = isCore ? try header.u16(18) : try header.i32(18)
    let height = isCore ? try header.u16(20) : try header.i32(22)
    isTopDown = height < 0
    size = try BitmapFormat.size(width: width, height: abs(height))
    bits = try header.u16(isCore ? 24 : 28)
    guard let compression = Compression(rawValue: isCore ? 0 : try header.u32(30)) else {
      throw UnreadableFormat("its compression is not supported; save it as PNG")
    }
    self.compression = compression
    guard Self.depths(of: compression).contains(bits) else {
      throw UnreadableFormat("its \(bits) bits per pixel are not supported; save it as PNG")
    }
    palette = bits > 8 ? [] : try Self.palette(header, length: length, bits: bits)
    fields = bits > 8 ? try Self.fields(header, length: length, bits, compression) : []
    let hasProfile = try length >= 124 && [0x4D42_4544, 0x4C49_4E4B].contains(header.u32(70))
    notes = hasProfile ? ["its color profile is ignored; BMP is read as sRGB"] : []
  }

  private static func depths(of compression: Compression) -> [Int] {
    switch compression {
    case .none: [1, 4, 8, 16, 24, 32]
    case .runs8: [8]
    case .runs4: [4]
    case .bitFields, .alphaBitFields: [16, 32]
    }
  }

  private static func palette(_ header: FileIntegers, length: Int, bits: Int) throws -> [DeepPixel]
  {
    let stride = length == 12 ? 3 : 4
    let stated = length == 12 ? 0 : try header.u32(46)
    let count = stated == 0 ? 1 << bits : min(stated, 1 << bits)
    return try (0..<count).map { i in
      let at = 14 + length + stride * i
      return DeepPixel(
        UInt8(try header.integer(at: at + 2, count: 1)),
        UInt8(try header.integer(at: at + 1, count: 1)), UInt8(try header.integer(at: at, count: 1))
      )
    }
  }

  /// The masks of red, green, blue and, if there is one, alpha.
  private static func fields(
    _ header: FileIntegers, length: Int, _ bits: Int, _ compression: Compression
  ) throws -> [BitField] {
    guard compression != .none else {
      return (bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF]).map { BitField($0) }
    }
    // They follow the shortest header, and are a part of the longer ones at the same place.
    let hasAlpha = length >= 56 || compression == .alphaBitFields
    return try (0..<(hasAlpha ? 4 : 3)).map { BitField(try header.u32(54 + 4 * $0)) }
  }

  func pixels() throws -> [UInt16] {
    let file = try FileBytes(path: path)
    let data = file.bytes(at: dataOffset, count: file.count)
    switch compression {
    case .runs8, .runs4: return try runs(data)
    default: return try rows(data)
    }
  }

  private func row(_ index: Int) -> Int { isTopDown ? index : size.height - 1 - index }

  private func rows(_ data: [UInt8]) throws -> [UInt16] {
    let stride = (size.width * bits + 31) / 32 * 4
    guard data.count >= stride * (size.height - 1) + (size.width * bits + 7) / 8 else {
      throw UnreadableFormat.truncated
    }
    var pixels = DeepPixels(size)
    for index in 0..<size.height {
      for x in 0..<size.width {
        pixels.put(try pixel(data, row: index * stride, x), x, row(index))
      }
    }
    return pixels.values
  }

  private func pixel(_ data: [UInt8], row: Int, _ x: Int) throws -> DeepPixel {
    if bits <= 8 {
      let byte = data[row + x * bits / 8]
      let shift = 8 - bits - x * bits % 8
      return try color(Int(byte >> shift) & (1 << bits - 1))
    }
    let at = row + x * bits / 8
    let value = (0..<bits / 8).reduce(0) { $0 | Int(data[at + $1]) << (8 * $1) }
    return color(fields: value)
  }

  private func color(_ index: Int) throws -> DeepPixel {
    guard index < palette.count else {
      throw UnreadableFormat("it is damaged (a color is beyond its palette)")
    }
    return palette[index]
  }

  private func color(fields value: Int) -> DeepPixel {
    var pixel = DeepPixel(0, 0, 0)
    pixel.red = fields[0].value(in: value)
    pixel.green = fields[1].value(in: value)
    pixel.blue = fields[2].value(in: value)
    if fields.count == 4, fields[3].isPresent { pixel.alpha = fields[3].value(in: value) }
    return pixel
  }

  /// Decodes runs of one color (two in turn with 4 bits) and literal stretches. Pixels that the
  /// runs skip have the palette's first color.
  private func runs(_ data: [UInt8]) throws -> [UInt16] {
    var pixels = DeepPixels(size)
    let background = try color(0)
    for y in 0..<size.height { for x in 0..<size.width { pixels.put(background, x, y) } }
    var (x, y, at) = (0, 0, 0)
    func next() throws -> Int {
      guard at < data.count else { throw UnreadableFormat.truncated }
      at += 1
      return Int(data[at - 1])
    }
    func put(_ index: Int) throws {
      guard y < size.height else { throw UnreadableFormat("it is damaged (it has too many rows)") }
      if x < size.width { pixels.put(try color(index), x, row(y)) }
      x += 1
    }
    while y < size.height {
      let count = try next()
      if count > 0 {
        let value = try next()
        for i in 0..<count {
          try put(bits == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15)
        }
        continue
      }
      let code = try next()
      switch code {
      case 0: (x, y) = (0, y + 1)
      case 1: return pixels.values
      case 2:
        x += try next()
        y += try next()
      default:
        let start = at
        for i in 0..<code {
          let byte = bits == 8 || i % 2 == 0 ? try next() : Int(data[at - 1])
          try put(bits == 8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15)
        }
        if (at - start) % 2 == 1 { _ = try next() }
      }
    }
    return pixels.values
  }
}

/// A channel in the bits of a pixel.
struct BitField {
  private let mask: Int
  private let shift: Int
  private let most: Int

  init(_ mask: Int) {
    self.mask = mask
    shift = mask == 0 ? 0 : mask.trailingZeroBitCount
    most = mask >> shift
  }

  /// Whether the pixel has the channel.
  var isPresent: Bool { mask != 0 }

  /// The channel's value, scaled to 0…65535.
  func value(in pixel: Int) -> UInt16 {
    most == 0 ? 0 : UInt16(((pixel & mask) >> shift * 65535 * 2 + most) / (2 * most))
  }
}
