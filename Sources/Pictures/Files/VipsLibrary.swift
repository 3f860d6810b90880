import CVips
import Foundation
import Logging
import Synchronization

/// libvips, started once for the process when it is first needed.
enum VipsLibrary {
  private static let failure: String? =
    cvips_start { message in
      guard let message else { return }
      Logger(label: "impasto.pictures").warning("libvips: \(String(cString: message))")
    } ? nil : takeError() ?? "unknown error"

  /// libvips has one list of errors for all threads, so calls take turns.
  private static let turn = Mutex(())

  /// Makes a call of libvips.
  ///
  /// - Returns: why it failed, as one line without a full stop; nil if it did not.
  /// - Throws: `PictureError.vipsUnavailable`.
  static func call(_ body: () -> Bool) throws -> String? {
    if let failure { throw PictureError.vipsUnavailable(reason: failure) }
    return turn.withLock { _ in
      _ = takeError()
      return body() ? nil : takeError() ?? "unknown error"
    }
  }

  private static func takeError() -> String? {
    guard let message = cvips_take_error() else { return nil }
    defer { cvips_free(message) }
    let lines = String(cString: message).split(separator: "\n")
    return lines.first.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " .")) }
  }
}
