/// Settings that make no sense, with a sentence that says which and what to do.
public struct OptionError: Error, Sendable, CustomStringConvertible {
  /// One sentence for the user.
  public let description: String

  /// Makes an error from a sentence that names the setting.
  public init(_ description: String) {
    self.description = description
  }
}
