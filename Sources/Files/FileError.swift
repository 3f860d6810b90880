/// A reason why a file or folder cannot be used.
public enum FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is missing, is a folder, is not a regular file, or cannot be opened.
  case unreadable(path: String, reason: String)
  /// The file cannot be written.
  case unwritable(path: String, reason: String)
  /// A new folder cannot be created.
  case folder(path: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot read the file: \(reason)."
    case .unwritable(let path, let reason): "\(path): cannot write the file: \(reason)."
    case .folder(let path, let reason): "\(path): \(reason)."
    }
  }
}
