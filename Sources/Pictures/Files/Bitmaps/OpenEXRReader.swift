import CVips

/// OpenEXR: linear light as floats, premultiplied by alpha, decoded by libvips.
///
/// libvips reads the channels R, G, B, A or Y of the first part, and black where they are
/// missing.
struct OpenEXRReader: BitmapReader {
  let size: PixelSize
  let notes: [String]
  private let path: String

  static func matches(_ start: [UInt8]) -> Bool { start.starts(with: [0x76, 0x2F, 0x31, 0x01]) }

  init(path: String) throws {
    self.path = path
    let header = try OpenEXRHeader(
      FileIntegers(bytes: FileBytes(path: path).bytes(at: 0, count: 1 << 18)))
    guard !header.isDeep, !header.hasParts else {
      throw UnreadableFormat(
        "OpenEXR files with several parts or deep data are not supported; save a flat picture")
    }
    guard header.channels.contains("Y") || ["R", "G", "B"].allSatisfy(header.channels.contains)
    else {
      throw UnreadableFormat(
        "it has no channels R, G and B, or Y, but \(header.channels.joined(separator: ", "))")
    }
    size = try BitmapFormat.size(width: header.width, height: header.height)
    notes = header.hasChromaticities ? ["its color primaries are ignored; it is read as sRGB"] : []
  }

  func pixels() throws -> [UInt16] {
    let count = 4 * size.width * size.height
    var light = [Float](repeating: 0, count: count)
    if let failure = try VipsLibrary.call({
      path.withVipsPath { cvips_read_floats($0, size.width, size.height, &light) }
    }) {
      throw UnreadableFormat(PictureFailure.text(of: failure))
    }
    var pixels = DeepPixels(size)
    for y in 0..<size.height {
      for x in 0..<size.width {
        let i = 4 * (y * size.width + x)
        // libvips gives alpha 0…255.
        let alpha = light[i + 3] / 255
        let factor = alpha > 0 ? 1 / alpha : 1
        let pixel = DeepPixel(
          linear: light[i] * factor, light[i + 1] * factor, light[i + 2] * factor, alpha: alpha)
        pixels.put(pixel, x, y)
      }
    }
    return pixels.values
  }
}

/// The attributes at the start of an OpenEXR file.
struct OpenEXRHeader {
  private(set) var channels: [String] = []
  private(set) var width = 0
  private(set) var height = 0
  private(set) var hasChromaticities = false
  let isDeep: Bool
  let hasParts: Bool

  private static let deepFlag = 0x800
  private static let partsFlag = 0x1000

  init(_ integers: FileIntegers) throws {
    let flags = try integers.u32(4)
    isDeep = flags & Self.deepFlag != 0
    hasParts = flags & Self.partsFlag != 0
    var at = 8
    while true {
      let name = try Self.text(integers, &at)
      if name.isEmpty { break }
      _ = try Self.text(integers, &at)
      let count = try integers.u32(at)
      at += 4
      guard count <= integers.bytes.count - at else { throw UnreadableFormat.truncated }
      switch name {
      case "channels": channels = try Self.channels(integers, at)
      case "dataWindow":
        let (left, top) = (try integers.i32(at), try integers.i32(at + 4))
        width = try integers.i32(at + 8) - left + 1
        height = try integers.i32(at + 12) - top + 1
      case "chromaticities": hasChromaticities = try !Self.isSRGB(integers, at)
      default: break
      }
      at += count
    }
  }

  private static func text(_ integers: FileIntegers, _ at: inout Int) throws -> String {
    guard at <= integers.bytes.count, let end = integers.bytes[at...].firstIndex(of: 0) else {
      throw UnreadableFormat.truncated
    }
    defer { at = end + 1 }
    return String(decoding: integers.bytes[at..<end], as: UTF8.self)
  }

  private static func channels(_ integers: FileIntegers, _ start: Int) throws -> [String] {
    var (names, at): ([String], Int) = ([], start)
    while true {
      let name = try text(integers, &at)
      if name.isEmpty { return names }
      names.append(name)
      at += 16
      guard at < integers.bytes.count else { throw UnreadableFormat.truncated }
    }
  }

  private static func isSRGB(_ integers: FileIntegers, _ at: Int) throws -> Bool {
    let primaries: [Float] = [0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290]
    return try primaries.indices.allSatisfy {
      abs(Float(bitPattern: UInt32(try integers.u32(at + 4 * $0))) - primaries[$0]) < 0.002
    }
  }
}
