import Foundation

/// Errors of the system's libraries in the command's words. Their own descriptions are those of
/// programmers.
enum SystemErrorMessage {
  /// The file and the reason; nil for errors of other kinds.
  static func text(of error: any Error) -> String? {
    guard
      error is CocoaError || error is POSIXError || error is URLError
        || type(of: error) == NSError.self
    else { return nil }
    let error = error as NSError
    let path =
      error.userInfo[NSFilePathErrorKey] as? String
      ?? (error.userInfo[NSURLErrorKey] as? URL)?.path
    return [path, reason(error)].compactMap(\.self).joined(separator: ": ") + "."
  }

  private static func reason(_ error: NSError) -> String {
    if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError { return reason(cause) }
    return switch CocoaError.Code(rawValue: error.code) {
    case .fileNoSuchFile, .fileReadNoSuchFile: "there is no such file"
    case .fileReadNoPermission, .fileWriteNoPermission: "permission is denied"
    case .fileWriteOutOfSpace: "no space is left on the device"
    case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding,
      .fileReadCorruptFile:
      "it is not UTF-8 text"
    default: "the system's library reports error \(error.code)"
    }
  }
}
