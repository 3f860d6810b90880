/// A reader of a simple format, which libvips cannot read or reads wrong.
protocol BitmapReader: Sendable {
  /// The size in the header.
  var size: PixelSize { get }
  /// What the reader leaves out.
  var notes: [String] { get }

  /// Decodes the pixels: `[height, width, 4]` of 0…65535, sRGB and alpha.
  ///
  /// - Throws: `UnreadableFormat`.
  func pixels() throws -> [UInt16]
}

extension BitmapReader {
  var notes: [String] { [] }
}

/// Finds the reader of a file.
enum BitmapFormat {
  /// The reader of a file, by its content and for TGA also its extension; nil if libvips reads
  /// the format.
  ///
  /// - Throws: `UnreadableFormat` if the file has the format but a damaged header.
  static func reader(of path: String) throws -> (any BitmapReader)? {
    let file = try FileBytes(path: path)
    let start = file.bytes(at: 0, count: 18)
    if BMPReader.matches(start) { return try BMPReader(path: path) }
    if PNMReader.matches(start) { return try PNMReader(path: path) }
    if OpenEXRReader.matches(start) { return try OpenEXRReader(path: path) }
    if TGAReader.matches(start, path: path, end: file.bytes(at: file.count - 26, count: 26)) {
      return try TGAReader(path: path)
    }
    return nil
  }

  /// Checks the sides in a header.
  static func size(width: Int, height: Int) throws -> PixelSize {
    guard PixelSize.sides.contains(width), PixelSize.sides.contains(height) else {
      throw UnreadableFormat("it is damaged (its size is \(width)x\(height))")
    }
    return PixelSize(width: width, height: height)
  }
}
