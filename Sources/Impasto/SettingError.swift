/// An error about an invalid setting, or about settings that contradict each other.
///
/// Settings are named by their keys in recipe files, such as `style-weight`. A caller with other
/// names for them can make its own message with ``message(naming:explaining:)``.
public struct SettingError: Error, Sendable, CustomStringConvertible {
  /// The keys of the invalid settings; empty for arguments without a key.
  public let keys: [String]
  /// The invalid value, if the message shows it.
  public let value: String?
  /// The error that the setting caused.
  public let cause: (any Error)?
  private let problem: String

  /// The key of the first invalid setting.
  public var key: String? { keys.first }

  /// Makes an error about a setting, or about an argument without a key.
  ///
  /// - Parameter problem: the problem, such as `must be at least 1.`
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

  /// Makes an error about a setting from the error that it caused.
  public init(_ key: String, value: String? = nil, cause: any Error) {
    keys = [key]
    self.value = value
    self.cause = cause
    problem = "\(cause)"
  }

  /// The error as a sentence.
  ///
  /// - Parameters:
  ///   - name: returns the displayed name of the setting with a key.
  ///   - explain: returns the text for a cause.
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
