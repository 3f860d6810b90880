/// An input file that a transfer cannot use.
public struct InputError: Error, Sendable, CustomStringConvertible {
  /// The path of the file.
  public let path: String
  /// The reason.
  public let cause: any Error

  /// Makes an error.
  public init(path: String, cause: any Error) {
    self.path = path
    self.cause = cause
  }

  public var description: String { "\(path): \(cause)" }
}

/// An input file that is not the one that a recorded result was made from.
public struct ChangedInputError: Error, Sendable, CustomStringConvertible {
  /// The file's name in the recipe.
  public let input: String
  /// The path of the recipe.
  public let recipe: String
  /// The file's SHA-256 now.
  public let digest: String
  /// The file's SHA-256 by the recipe.
  public let recordedDigest: String

  public var description: String {
    "\(input): is not the file that \(recipe) was made with: its SHA-256 is "
      + "\(digest.prefix(8))…, not \(recordedDigest.prefix(8))…."
  }
}
