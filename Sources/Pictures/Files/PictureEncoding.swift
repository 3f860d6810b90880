import CVips
import Files
import Foundation

/// The encoding of a picture file.
public struct PictureEncoding: Sendable, Hashable {
  /// The format of the file.
  public var format: PictureFormat
  /// The number of bits per channel: 8, or 16 if the format supports it.
  public var bitDepth: Int
  /// The quality of JPEG and WebP, 1…100.
  public var quality: Int
  /// The XMP packet to embed; nil for no metadata except the sRGB profile.
  public var xmp: String?

  /// Makes an encoding.
  ///
  /// - Precondition: the format supports the bit depth.
  public init(format: PictureFormat, bitDepth: Int = 8, quality: Int = 95, xmp: String? = nil) {
    precondition(bitDepth == 8 || (bitDepth == 16 && format.has16Bits))
    self.format = format
    self.bitDepth = bitDepth
    self.quality = quality
    self.xmp = xmp
  }
}

extension Picture {
  /// Encodes the picture with an sRGB profile and the encoding's XMP packet.
  ///
  /// Transparency is kept if the format supports it; otherwise the picture is put in front of white.
  ///
  /// - Throws: `PictureError.unwritable`, for example if a side is too long for the format.
  public func encoded(_ encoding: PictureEncoding, path: String) throws -> Data {
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
      cvips_encode(
        values, width, height, bands, encoding.format.vips, Int32(encoding.bitDepth),
        Int32(encoding.quality), encoding.xmp, &bytes, &count)
    }
    defer { cvips_free(bytes) }
    if let failure { throw PictureError.unwritable(path: path, reason: failure) }
    return Data(bytes: bytes!, count: count)
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
