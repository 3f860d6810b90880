import CVips
import Files
import Foundation

/// A format of written pictures.
public enum PictureFormat: String, Sendable, Hashable, Codable, CaseIterable {
  case png, jpg, webp, tiff, avif, jxl, ppm

  /// Makes the format of a path's extension.
  ///
  /// - Throws: `PictureError.unknownFormat`.
  public init(path: String) throws {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "png": self = .png
    case "jpg", "jpeg": self = .jpg
    case "webp": self = .webp
    case "tif", "tiff": self = .tiff
    case "avif": self = .avif
    case "jxl": self = .jxl
    case "ppm": self = .ppm
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
  public var hasAlpha: Bool { self != .jpg && self != .ppm }

  /// Whether the format loses quality, and a quality can be chosen.
  public var isLossy: Bool { [.jpg, .webp, .avif, .jxl].contains(self) }

  /// The longest side of a picture; nil for formats that hold any size that Impasto computes.
  public var longestSide: Int? {
    switch self {
    case .jpg: 65_500
    case .webp: 16_383
    case .avif: 16_384
    case .png, .tiff, .jxl, .ppm: nil
    }
  }

  /// The supported numbers of bits per channel: 8, 16, and 32 for floats.
  public var bitDepths: [Int] {
    switch self {
    case .jpg, .webp, .avif: [8]
    case .png, .jxl, .ppm: [8, 16]
    case .tiff: [8, 16, 32]
    }
  }

  /// The formats' extensions as a list for messages.
  public static let extensions = list(allCases)

  /// The extensions of formats as a list for messages.
  public static func list(_ formats: [PictureFormat]) -> String {
    let names = formats.map { ".\($0.rawValue)" }
    return names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names.last!
  }

  /// The format in libvips; nil for PPM, which it does not write.
  var vips: cvips_format? {
    switch self {
    case .png: CVIPS_PNG
    case .jpg: CVIPS_JPEG
    case .webp: CVIPS_WEBP
    case .tiff: CVIPS_TIFF
    case .avif: CVIPS_AVIF
    case .jxl: CVIPS_JXL
    case .ppm: nil
    }
  }
}
