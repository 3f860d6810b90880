/// Settings that make no sense, with a sentence that says which and what to do.
public struct OptionError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
