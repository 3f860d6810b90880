import CVips
import Files
import Foundation

/// A format of written pictures.
public enum PictureFormat: String, Sendable, Hashable, CaseIterable {
  case png, jpg, webp, tiff

  /// Makes the format of a path's extension.
  ///
  /// - Throws: `PictureError.unknownFormat`.
  public init(path: String) throws {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "png": self = .png
    case "jpg", "jpeg": self = .jpg
    case "webp": self = .webp
    case "tif", "tiff": self = .tiff
    default: throw PictureError.unknownFormat(path: path)
    }
  }

  /// Checks whether a picture can be written to a path, before the work for it starts.
  ///
  /// - Parameter format: the format; nil for that of the extension.
  /// - Throws: `PictureError.unknownFormat` and `.unwritable`.
  public static func checkWritable(_ path: String, _ format: PictureFormat? = nil) throws {
    _ = try format ?? PictureFormat(path: path)
    try AtomicFile.checkWritable(path)
  }

  /// Whether the format supports transparency.
  public var hasAlpha: Bool { self != .jpg }
  /// Whether the format supports 16 bits per channel.
  public var has16Bits: Bool { self == .png || self == .tiff }

  var vips: cvips_format {
    switch self {
    case .png: CVIPS_PNG
    case .jpg: CVIPS_JPEG
    case .webp: CVIPS_WEBP
    case .tiff: CVIPS_TIFF
    }
  }
}
