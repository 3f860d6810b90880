import Foundation

/// Truevision TGA: palettes, gray and colors of 8 to 32 bits, also as run lengths.
struct TGAReader: BitmapReader {
  let size: PixelSize
  private let path: String
  private let kind: Kind
  private let isRunLength: Bool
  /// The bits of a pixel, and of a palette entry.
  private let bits: Int
  private let paletteBits: Int
  private let paletteRange: Range<Int>
  private let paletteOffset: Int
  private let hasAlpha: Bool
  private let isTopDown: Bool
  private let isMirrored: Bool

  private enum Kind: Int {
    case palette = 1
    case colors, gray
  }

  /// The format has no signature at its start. New files have one at their end; older ones are
  /// told by their extension and a plausible header.
  static func matches(_ start: [UInt8], path: String, end: [UInt8]) -> Bool {
    let isNamed = ["tga", "icb", "vda", "vst"].contains(
      URL(fileURLWithPath: path).pathExtension.lowercased())
    let isSigned = end.dropFirst(8).starts(with: Array("TRUEVISION-XFILE.".utf8))
    guard start.count == 18, isNamed || isSigned else { return false }
    return start[1] <= 1 && [1, 2, 3, 9, 10, 11].contains(start[2])
      && [8, 15, 16, 24, 32].contains(start[16])
  }

  init(path: String) throws {
    self.path = path
    let header = FileIntegers(bytes: try FileBytes(path: path).bytes(at: 0, count: 18))
    let type = Int(header.bytes[2])
    isRunLength = type >= 9
    kind = Kind(rawValue: type & 7)!
    size = try BitmapFormat.size(width: header.u16(12), height: header.u16(14))
    bits = Int(header.bytes[16])
    let descriptor = header.bytes[17]
    hasAlpha = descriptor & 15 > 0
    isMirrored = descriptor & 0x10 != 0
    isTopDown = descriptor & 0x20 != 0
    let first = try header.u16(3)
    paletteRange = first..<first + (try header.u16(5))
    paletteBits = Int(header.bytes[7])
    paletteOffset = 18 + Int(header.bytes[0])
    let isSupported =
      switch kind {
      case .palette: header.bytes[1] == 1 && [8, 16].contains(bits) && isColor(paletteBits)
      case .gray: [8, 16].contains(bits)
      case .colors: isColor(bits)
      }
    guard isSupported, descriptor & 0xC0 == 0 else {
      throw UnreadableFormat("its kind of TGA file is not supported; save it as PNG")
    }
  }

  func pixels() throws -> [UInt16] {
    let file = try FileBytes(path: path)
    let entry = (paletteBits + 7) / 8
    let palette = file.bytes(at: paletteOffset, count: entry * paletteRange.count)
    let data = file.bytes(at: paletteOffset + entry * paletteRange.count, count: file.count)
    let step = (bits + 7) / 8
    let values = isRunLength ? try expanded(data, step) : data
    guard values.count >= step * size.width * size.height else { throw UnreadableFormat.truncated }
    var pixels = DeepPixels(size)
    for y in 0..<size.height {
      for x in 0..<size.width {
        let at = step * (y * size.width + x)
        let column = isMirrored ? size.width - 1 - x : x
        let row = isTopDown ? y : size.height - 1 - y
        pixels.put(try pixel(values, at, palette: palette, entry), column, row)
      }
    }
    return pixels.values
  }

  /// Expands runs of equal pixels of `step` bytes.
  private func expanded(_ data: [UInt8], _ step: Int) throws -> [UInt8] {
    let count = step * size.width * size.height
    var values: [UInt8] = []
    values.reserveCapacity(count)
    var at = 0
    while values.count < count {
      guard at < data.count else { throw UnreadableFormat.truncated }
      let length = Int(data[at] & 127) + 1
      let isRun = data[at] & 128 != 0
      at += 1
      let bytes = isRun ? step : step * length
      guard bytes <= data.count - at else { throw UnreadableFormat.truncated }
      for _ in 0..<(isRun ? length : 1) { values += data[at..<at + bytes] }
      at += bytes
    }
    return values
  }

  private func pixel(_ values: [UInt8], _ at: Int, palette: [UInt8], _ entry: Int) throws
    -> DeepPixel
  {
    switch kind {
    case .gray:
      let gray = values[at]
      return DeepPixel(gray, gray, gray, bits == 16 && hasAlpha ? values[at + 1] : 255)
    case .colors: return Self.color(values, at, bits, hasAlpha)
    case .palette:
      let index = Int(values[at]) | (bits == 16 ? Int(values[at + 1]) << 8 : 0)
      let offset = (index - paletteRange.lowerBound) * entry
      guard paletteRange.contains(index), offset + entry <= palette.count else {
        throw UnreadableFormat("it is damaged (a color is beyond its palette)")
      }
      return Self.color(palette, offset, paletteBits, hasAlpha)
    }
  }

  private func isColor(_ bits: Int) -> Bool { [15, 16, 24, 32].contains(bits) }

  private static func color(_ bytes: [UInt8], _ at: Int, _ bits: Int, _ hasAlpha: Bool)
    -> DeepPixel
  {
    guard bits <= 16 else {
      let alpha = bits == 32 && hasAlpha ? bytes[at + 3] : 255
      return DeepPixel(bytes[at + 2], bytes[at + 1], bytes[at], alpha)
    }
    let value = Int(bytes[at]) | Int(bytes[at + 1]) << 8
    var pixel = DeepPixel(0, 0, 0)
    pixel.red = BitField(0x7C00).value(in: value)
    pixel.green = BitField(0x3E0).value(in: value)
    pixel.blue = BitField(0x1F).value(in: value)
    if bits == 16, hasAlpha { pixel.alpha = value & 0x8000 == 0 ? 0 : 65535 }
    return pixel
  }
}
