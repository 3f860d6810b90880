import CVips
import Engine
import Foundation
import Logging

/// libvips, started once for the process when it is first needed.
enum VipsLibrary {
  private static let startFailure = start()

  /// The memory that the library and its modules take when they are loaded.
  private static let reserveToStart = 160 << 20
  /// The memory that a call takes beside its pictures.
  private static let reserve = 48 << 20

  /// Calls libvips, beside the calls of other threads.
  ///
  /// libvips has one error text for all threads, so a call that fails is repeated alone to
  /// learn its own reason. It succeeds then if the failure was another call's.
  ///
  /// - Parameter body: may run twice.
  /// - Returns: the reason for a failure, as one line without a full stop; nil on success.
  /// - Throws: `PictureError.vipsUnavailable`.
  static func call(_ body: () -> Bool) throws -> String? {
    // GLib ends the process when it gets no memory for its own small structures.
    guard AvailableMemory.bytes > reserve else {
      throw PictureError.vipsUnavailable(reason: "there is too little memory")
    }
    if let startFailure { throw PictureError.vipsUnavailable(reason: startFailure) }
    if enter(alone: false, body) { return nil }
    return enter(alone: true) {
      _ = takeError()
      return body() ? nil : takeError() ?? "unknown error"
    }
  }

  /// Starts the library, and returns the reason for a failure.
  private static func start() -> String? {
    guard AvailableMemory.bytes > reserveToStart else { return "there is too little memory" }
    let hasStarted = cvips_start { message in
      guard let message else { return }
      Logger(label: "impasto.pictures").warning("libvips: \(String(cString: message))")
    }
    return hasStarted ? nil : takeError() ?? "unknown error"
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
