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

  /// The depth of the pictures that can be encoded.
  public var depth: PackedPicture.Depth { PackedPicture.Depth(rawValue: bitDepth)! }
}

extension PackedPicture {
  /// Encodes the picture with an sRGB profile and the encoding's XMP packet. JPEG XL holds no
  /// packet, and PPM neither.
  ///
  /// Transparency is kept if the format supports it; otherwise the picture is put in front of white.
  ///
  /// - Precondition: the picture has the encoding's bit depth.
  /// - Throws: `PictureError.unwritable`, for example if a side is too long for the format.
  public func encoded(_ encoding: PictureEncoding, path: String) throws -> Data {
    precondition(depth == encoding.depth)
    guard let format = encoding.format.vips else { return overWhite.ppm() }
    var settings = cvips_encoding()
    settings.format = format
    settings.quality = Int32(encoding.quality)
    settings.across = encoding.resolution.across / Resolution.millimetersPerInch
    settings.down = encoding.resolution.down / Resolution.millimetersPerInch
    var bytes: UnsafeMutableRawPointer?
    var count = 0
    let failure = try (encoding.format.hasAlpha ? self : overWhite).withInterleaved { pixels in
      try VipsLibrary.call {
        withOptionalCString(encoding.xmp) { xmp in
          settings.xmp = xmp
          return cvips_encode(&pixels, &settings, &bytes, &count)
        }
      }
    }
    if let failure { throw PictureError.unwritable(path: path, reason: failure) }
    return Data(
      bytesNoCopy: bytes!, count: count, deallocator: .custom { bytes, _ in cvips_free(bytes) })
  }

  /// An opaque picture of integers as a binary PPM.
  private func ppm() -> Data {
    var data = Data("P6\n\(size.width) \(size.height)\n\(depth == .eight ? 255 : 65535)\n".utf8)
    withUnsafeValues { values in
      guard depth == .sixteen else { return data.append(contentsOf: values) }
      for value in values.bindMemory(to: UInt16.self) {
        data.append(UInt8(value >> 8))
        data.append(UInt8(value & 255))
      }
    }
    return data
  }

  /// Writes the picture with the given encoding. The file is replaced atomically.
  ///
  /// - Precondition: the picture has the encoding's bit depth.
  /// - Throws: `PictureError.unwritable` and `FileError`.
  public func write(to path: String, _ encoding: PictureEncoding) throws {
    try AtomicFile.write(encoded(encoding, path: path), to: path)
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
    // The colors in front of white are not rounded first.
    let picture = encoding.format.hasAlpha ? self : overWhite
    return try PackedPicture(picture, depth: encoding.depth).encoded(encoding, path: path)
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
