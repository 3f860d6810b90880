/// A setting that makes no sense, or several that contradict each other.
///
/// Settings go by their keys in recipe files, such as `style-weight`. A caller with other names
/// for them, such as command-line options, gets its own message from ``message(naming:explaining:)``.
public struct SettingError: Error, Sendable, CustomStringConvertible {
  /// The keys of the settings that are at fault; empty for arguments without a key.
  public let keys: [String]
  /// The value that is at fault.
  public let value: String?
  /// The error that using the setting led to.
  public let cause: (any Error)?
  private let problem: String

  /// The key of the first setting that is at fault.
  public var key: String? { keys.first }

  /// Makes an error about a setting, or about an argument without a key.
  ///
  /// - Parameter problem: what is wrong, such as `must be at least 1.`
  public init(_ key: String? = nil, value: String? = nil, problem: String) {
    self.init([key].compactMap(\.self), value: value, problem: problem)
  }

  /// Makes an error about several settings.
  public init(_ keys: [String], value: String? = nil, problem: String) {
    self.keys = keys
    self.value = value
    self.problem = problem
    cause = nil
  }

  /// Makes an error about a setting from what using it led to.
  public init(_ key: String, value: String? = nil, cause: any Error) {
    keys = [key]
    self.value = value
    self.cause = cause
    problem = "\(cause)"
  }

  /// The error as a sentence.
  ///
  /// - Parameters:
  ///   - name: a setting's name for the reader, by its key.
  ///   - explain: the text of a cause.
  public func message(
    naming name: (_ key: String) -> String,
    explaining explain: (_ cause: any Error) -> String = { "\($0)" }
  ) -> String {
    let subject = [keys.map(name).joined(separator: ", "), value ?? ""].filter { !$0.isEmpty }
      .joined(separator: " ")
    let problem = cause.map(explain) ?? problem
    return subject.isEmpty ? problem : "\(subject): \(problem)"
  }

  public var description: String { message(naming: { $0 }) }
}
