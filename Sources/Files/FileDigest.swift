import CDigests
import Foundation

/// The size and the checksum of a file.
package enum FileDigest {
  /// The size in bytes; nil if there is no file.
  package static func size(ofFile path: String) -> Int? {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    return (try? FileManager.default.attributesOfItem(atPath: resolved))?[.size] as? Int
  }

  /// The SHA-256 of a file, as 64 hexadecimal digits.
  ///
  /// - Throws: `FileError.unreadable` with the system's reason.
  package static func sha256(ofFile path: String) throws -> String {
    var digits = [CChar](repeating: 0, count: 65)
    guard cdigests_sha256(path, &digits) else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    return String(decoding: digits.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
