import CVips
import Files
import Foundation

/// A format that pictures are written in.
public enum PictureFormat: String, Sendable, Hashable, CaseIterable {
  case png, jpg, webp, tiff

  /// The format that a file name's extension stands for.
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

  /// Finds out before the work whether a picture could be written to a path.
  ///
  /// - Throws: `PictureError.unknownFormat` and `.unwritable`.
  public static func checkWritable(_ path: String) throws {
    _ = try PictureFormat(path: path)
    try AtomicFile.checkWritable(path)
  }

  /// Whether it can hold transparency.
  public var hasAlpha: Bool { self != .jpg }
  /// Whether it can hold 16 bits a channel.
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
