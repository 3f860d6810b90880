/// A reason why a film cannot be read or written.
public enum FilmError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is missing, damaged, or has no pictures that ffmpeg can decode.
  case unreadable(path: String, reason: String)
  /// The file cannot be written.
  case unwritable(path: String, reason: String)
  /// A program of ffmpeg is missing.
  case missing(program: String, path: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot read the film: \(reason)."
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)."
    case .missing(let program, let path):
      "\(path): the \(program) command is missing; install ffmpeg (apt install ffmpeg, or brew install ffmpeg)."
    }
  }
}
