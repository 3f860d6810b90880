import CDigests
import Foundation

/// The size and the checksum of a file.
package enum FileDigest {
  /// The size in bytes; nil if there is no file.
  package static func size(ofFile path: String) -> Int? {
    var status = stat()
    return path.withSystemPath { stat($0, &status) == 0 } ? Int(status.st_size) : nil
  }

  /// The SHA-256 of a regular file, as 64 hexadecimal digits.
  ///
  /// - Throws: `FileError.unreadable` with the reason.
  package static func sha256(ofFile path: String) throws -> String {
    var digits = [CChar](repeating: 0, count: 65)
    let descriptor = try InputFile.open(path)
    defer { close(descriptor) }
    guard cdigests_sha256(descriptor, &digits) else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    return String(decoding: digits.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
