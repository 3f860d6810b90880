import CVips
import Foundation
import Logging

/// libvips, started once for the process when it is first needed.
enum VipsLibrary {
  private static let failure: String? = cvips_start { message in
    guard let message else { return }
    Logger(label: "impasto.pictures").warning("libvips: \(String(cString: message))")
  } ? nil : takeError()

  /// Makes sure that the library runs.
  ///
  /// - Throws: `PictureError.libraryUnavailable`.
  static func start() throws {
    if let failure { throw PictureError.libraryUnavailable(reason: failure) }
  }

  /// Why the last call failed, as one line without a full stop.
  static func takeError() -> String {
    guard let message = cvips_take_error() else { return "unknown error" }
    defer { cvips_free(message) }
    let lines = String(cString: message).split(separator: "\n")
    return lines.first.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " .")) } ?? "unknown error"
  }
}
