import CVips
import Foundation
import Logging

/// libvips, started once for the process when it is first needed.
enum VipsLibrary {
  private static let startFailure: String? =
    cvips_start { message in
      guard let message else { return }
      Logger(label: "impasto.pictures").warning("libvips: \(String(cString: message))")
    } ? nil : takeError() ?? "unknown error"

  /// Calls libvips, beside the calls of other threads.
  ///
  /// libvips has one error text for all threads, so a call that fails is repeated alone to
  /// learn its own reason. It succeeds then if the failure was another call's.
  ///
  /// - Parameter body: may run twice.
  /// - Returns: the reason for a failure, as one line without a full stop; nil on success.
  /// - Throws: `PictureError.vipsUnavailable`.
  static func call(_ body: () -> Bool) throws -> String? {
    if let startFailure { throw PictureError.vipsUnavailable(reason: startFailure) }
    if enter(alone: false, body) { return nil }
    return enter(alone: true) {
      _ = takeError()
      return body() ? nil : takeError() ?? "unknown error"
    }
  }

  private static func enter<Result>(alone: Bool, _ body: () -> Result) -> Result {
    cvips_enter(alone)
    defer { cvips_leave() }
    return body()
  }

  private static func takeError() -> String? {
    guard let message = cvips_take_error() else { return nil }
    defer { cvips_free(message) }
    let lines = String(cString: message).split(separator: "\n")
    return lines.first.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " .")) }
  }
}
