/// A reason why a picture cannot be read or written.
public enum PictureError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is missing, a folder, damaged, or not a picture in a supported format.
  case unreadable(path: String, reason: String)
  /// The file cannot be written.
  case unwritable(path: String, reason: String)
  /// The file's extension does not name a format that can be written.
  case unknownFormat(path: String)
  /// libvips did not start, or has too little memory.
  case vipsUnavailable(reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot read the picture: \(reason)."
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)."
    case .unknownFormat(let path):
      "\(path): the extension does not name a supported format. Use \(PictureFormat.extensions)."
    case .vipsUnavailable(let reason): "libvips cannot be used: \(reason)."
    }
  }
}
