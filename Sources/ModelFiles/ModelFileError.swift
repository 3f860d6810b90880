import Files

/// A reason why weights cannot be read from a file.
public enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file contradicts its own format.
  case malformed(path: String, offset: Int, reason: String)
  /// The file is of an unsupported kind; the reason names it and says what to do.
  case unsupported(path: String, reason: String)
  /// The file has no tensor of this name, or one of another shape.
  case missingTensor(path: String, name: String, expected: [Int])

  public var description: String {
    switch self {
    case .malformed(let path, let offset, let reason):
      "\(path): damaged, at byte \(offset): \(reason)."
    case .unsupported(let path, let reason): "\(path): \(reason)."
    case .missingTensor(let path, let name, let expected):
      "\(path): no tensor '\(name)' of shape \(expected); the file does not hold this network's weights."
    }
  }
}
