/// Why a picture could not be read or written.
public enum PictureError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is missing, a folder, damaged, or no picture of a known format.
  case unreadable(path: String, reason: String)
  /// The file cannot be written.
  case unwritable(path: String, reason: String)
  /// The file's extension names no format that can be written.
  case unknownFormat(path: String)
  /// libvips did not start.
  case vipsUnavailable(reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot read the picture: \(reason)."
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)."
    case .unknownFormat(let path):
      "\(path): the extension names no format that can be written. Use "
        + PictureFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ") + "."
    case .vipsUnavailable(let reason): "libvips does not start: \(reason)."
    }
  }
}
