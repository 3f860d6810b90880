/// Why weights could not be read from a file.
public enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be opened or is no regular file.
  case unreadable(path: String, reason: String)
  /// The file is not what its format demands.
  case malformed(path: String, reason: String)
  /// The file has no tensor of this name, or one of another shape.
  case missingTensor(path: String, name: String, expected: [Int])

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot read the weights: \(reason)."
    case .malformed(let path, let reason): "\(path): not a safetensors file of weights: \(reason)."
    case .missingTensor(let path, let name, let expected):
      "\(path): no tensor «\(name)» of shape \(expected); the file does not hold this network's weights."
    }
  }
}
