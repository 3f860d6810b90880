import CVips
import Files
import Foundation

/// How exactly a picture is written.
public struct PictureEncoding: Sendable, Hashable {
  /// The file's format.
  public var format: PictureFormat
  /// Bits a channel: 8, or 16 where the format has them.
  public var bitDepth: Int
  /// 1…100, for JPEG and WebP.
  public var quality: Int
  /// An XMP packet to carry; nil for no metadata but the sRGB profile.
  public var xmp: String?

  /// - Precondition: the format has the depth.
  public init(format: PictureFormat, bitDepth: Int = 8, quality: Int = 95, xmp: String? = nil) {
    precondition(bitDepth == 8 || (bitDepth == 16 && format.has16Bits))
    self.format = format
    self.bitDepth = bitDepth
    self.quality = quality
    self.xmp = xmp
  }
}

extension Picture {
  /// The picture as a file's bytes, with an sRGB profile and the encoding's XMP packet.
  /// Transparency is kept where the format has it.
  ///
  /// - Throws: `PictureError.unwritable`, for example for a side that is too long for the format.
  public func encoded(_ encoding: PictureEncoding, path: String) throws -> Data {
    let opacity = encoding.format.hasAlpha ? alpha : nil
    let bands = opacity == nil ? 3 : 4
    var values = pixels.elements
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

  /// Writes the picture in the format that the path's extension names; whoever
  /// reads the file sees all of it or what was there before.
  ///
  /// - Throws: `PictureError.unknownFormat` and `.unwritable`.
  public func write(to path: String) throws {
    try write(to: path, PictureEncoding(format: PictureFormat(path: path)))
  }

  /// The same with a given encoding.
  public func write(to path: String, _ encoding: PictureEncoding) throws {
    try AtomicFile.write(encoded(encoding, path: path), to: path)
  }
}
