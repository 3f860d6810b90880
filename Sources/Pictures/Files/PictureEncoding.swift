import CVips
import Files
import Foundation

/// The encoding of a picture file.
public struct PictureEncoding: Sendable, Hashable {
  /// The format of the file.
  public var format: PictureFormat
  /// The number of bits per channel: 8, and 16 or 32 if the format supports it. 32 bits are
  /// floats.
  public var bitDepth: Int
  /// The quality of JPEG, WebP, AVIF and JPEG XL, 1…100.
  public var quality: Int
  /// The resolution that the file states. WebP, AVIF, JPEG XL and PPM state none.
  public var resolution = Resolution.standard
  /// The XMP packet to embed; nil for no metadata except the sRGB profile.
  public var xmp: String?

  /// Makes an encoding.
  ///
  /// - Precondition: the format supports the bit depth.
  public init(format: PictureFormat, bitDepth: Int = 8, quality: Int = 95, xmp: String? = nil) {
    precondition(format.bitDepths.contains(bitDepth))
    self.format = format
    self.bitDepth = bitDepth
    self.quality = quality
    self.xmp = xmp
  }
}

extension Picture {
  /// Encodes the picture with an sRGB profile and the encoding's XMP packet. JPEG XL holds no
  /// packet, and PPM neither.
  ///
  /// Transparency is kept if the format supports it; otherwise the picture is put in front of white.
  ///
  /// - Throws: `PictureError.unwritable`, for example if a side is too long for the format.
  public func encoded(_ encoding: PictureEncoding, path: String) throws -> Data {
    guard let format = encoding.format.vips else { return ppm(bitDepth: encoding.bitDepth) }
    let opacity = encoding.format.hasAlpha ? alpha : nil
    let bands = opacity == nil ? 3 : 4
    var values = opacity == nil ? overWhite.pixels.elements : pixels.elements
    if let opacity {
      values = []
      values.reserveCapacity(4 * opacity.elements.count)
      for (i, alpha) in opacity.elements.enumerated() {
        values += pixels.elements[3 * i..<3 * i + 3]
        values.append(alpha)
      }
    }
    var bytes: UnsafeMutableRawPointer?
    var count = 0
    let failure = try VipsLibrary.call {
      withOptionalCString(encoding.xmp) { xmp in
        var settings = cvips_encoding()
        settings.format = format
        settings.bit_depth = Int32(encoding.bitDepth)
        settings.quality = Int32(encoding.quality)
        settings.xmp = xmp
        settings.across = encoding.resolution.across / Resolution.millimetersPerInch
        settings.down = encoding.resolution.down / Resolution.millimetersPerInch
        return cvips_encode(values, width, height, bands, &settings, &bytes, &count)
      }
    }
    defer { cvips_free(bytes) }
    if let failure { throw PictureError.unwritable(path: path, reason: failure) }
    return Data(bytes: bytes!, count: count)
  }

  /// The picture as a binary PPM.
  private func ppm(bitDepth: Int) -> Data {
    let maximum = (1 << bitDepth) - 1
    var data = Data("P6\n\(width) \(height)\n\(maximum)\n".utf8)
    for value in pixels.elements {
      let level = UInt16(min(max(value, 0), 1) * Float(maximum) + 0.5)
      if bitDepth == 16 { data.append(UInt8(level >> 8)) }
      data.append(UInt8(level & 255))
    }
    return data
  }

  /// Writes the picture in the format of the path's extension.
  ///
  /// The file is replaced atomically.
  ///
  /// - Throws: `PictureError.unknownFormat` and `.unwritable`.
  public func write(to path: String) throws {
    try write(to: path, PictureEncoding(format: PictureFormat(path: path)))
  }

  /// Writes the picture with the given encoding. The file is replaced atomically.
  public func write(to path: String, _ encoding: PictureEncoding) throws {
    try AtomicFile.write(encoded(encoding, path: path), to: path)
  }
}

private func withOptionalCString<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  text.map { $0.withCString { body($0) } } ?? body(nil)
}
