import CVips
import Engine
import Foundation

/// A picture on disk: JPEG, PNG, WebP, TIFF, HEIC, or the first frame of a GIF.
///
/// The format is detected from the content.
public struct PictureFile: Sendable {
  /// The path of the file.
  public let path: String
  /// The size of the picture with its EXIF orientation applied.
  public let size: PixelSize

  /// Reads a picture's header.
  ///
  /// - Throws: `PictureError.unreadable` if the file is not a picture.
  public init(_ path: String) throws {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw PictureError.unreadable(path: path, reason: "there is no such file")
    }
    guard !isFolder.boolValue else {
      throw PictureError.unreadable(path: path, reason: "it is a folder")
    }
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw PictureError.unreadable(path: path, reason: "permission is denied")
    }
    var (width, height) = (0, 0)
    if let failure = try VipsLibrary.call({ cvips_read_size(path, &width, &height) }) {
      throw Self.unreadable(path, failure)
    }
    size = PixelSize(width: width, height: height)
  }

  /// Decodes the picture in the given size, resampled with a Lanczos kernel.
  ///
  /// Shrinking a large picture does not need all of it in memory.
  ///
  /// - Throws: `PictureError.unreadable` if the file is damaged or truncated.
  public func decoded(_ size: PixelSize) throws -> Picture {
    try decoded(size, onEntry: {})
  }

  /// Decodes the picture, for tests of decoders that run at the same time.
  ///
  /// - Parameter onEntry: runs inside the call of libvips, before the file is opened.
  package func decoded(_ size: PixelSize, onEntry: () -> Void) throws -> Picture {
    let buffer = FloatBuffer(count: size.width * size.height * 4)
    defer { withExtendedLifetime(buffer) {} }
    let values = buffer.pointer
    var hasAlpha = false
    let failure = try VipsLibrary.call {
      onEntry()
      return cvips_read(path, size.width, size.height, values, &hasAlpha)
    }
    if let failure { throw Self.unreadable(path, failure) }
    var pixels = [Float](repeating: 0, count: size.width * size.height * 3)
    var alphas = [Float](repeating: 0, count: hasAlpha ? size.width * size.height : 0)
    for i in 0..<size.width * size.height {
      for channel in 0..<3 { pixels[3 * i + channel] = values[4 * i + channel] }
      if hasAlpha { alphas[i] = min(max(values[4 * i + 3], 0), 1) }
    }
    let isTransparent = alphas.contains { $0 < 1 }
    return Picture(
      pixels: Tensor(shape: [size.height, size.width, 3], elements: pixels),
      alpha: isTransparent ? Tensor(shape: [size.height, size.width], elements: alphas) : nil
    ).withVisibleColorsContinued()
  }

  /// Reads the file's XMP packet; nil if it has none.
  ///
  /// - Throws: `PictureError.unreadable`.
  public func xmp() throws -> String? {
    var bytes: UnsafeMutablePointer<CChar>?
    if let failure = try VipsLibrary.call({ cvips_read_xmp(path, &bytes) }) {
      throw Self.unreadable(path, failure)
    }
    defer { cvips_free(bytes) }
    return bytes.map { String(cString: $0) }
  }

  /// The version of libvips, which decodes and encodes pictures.
  public static var vipsVersion: String { String(cString: cvips_version()) }

  private static func unreadable(_ path: String, _ reason: String) -> PictureError {
    let isUnknown =
      reason.contains("is not a known file format") || reason.contains("is blocked")
    if isUnknown {
      return .unreadable(path: path, reason: "it is no JPEG, PNG, WebP, TIFF, HEIC or GIF picture")
    }
    let own = "impasto: "
    return .unreadable(
      path: path,
      reason: reason.hasPrefix(own)
        ? String(reason.dropFirst(own.count)) : "it is damaged (\(reason))")
  }
}
