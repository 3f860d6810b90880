import Foundation

/// The place that an output's path names.
struct OutputTarget {
  /// The path without symbolic links at its end.
  let path: String
  /// Whether bytes go into an existing pipe or device.
  let isStream: Bool

  static let standardOutput = "-"
  /// As many links as Linux follows.
  private static let mostLinks = 40

  /// - Throws: `FileError.unwritable` for a folder, and for links that lead in a circle.
  init(_ path: String) throws {
    guard path != Self.standardOutput else {
      (self.path, isStream) = (path, true)
      return
    }
    var place = path
    for _ in 0...Self.mostLinks {
      var status = stat()
      guard place.withSystemPath({ lstat($0, &status) == 0 }) else {
        // There is no file yet. Whether one can be created will turn out.
        self.path = place
        isStream = false
        return
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: throw FileError.unwritable(path: path, reason: "it is a folder")
      case S_IFLNK: place = try Self.target(of: place, path)
      case let kind:
        self.path = place
        isStream = kind != S_IFREG
        return
      }
    }
    throw FileError.unwritable(path: path, reason: String(cString: strerror(ELOOP)))
  }

  private static func target(of link: String, _ path: String) throws -> String {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes { bytes in
      link.withSystemPath {
        readlink($0, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
      }
    }
    guard count > 0 else {
      throw FileError.unwritable(path: path, reason: systemReason())
    }
    let target = SystemPath.string(from: bytes[..<count])
    return target.hasPrefix("/") ? target : "\(FilePath.folder(of: link))/\(target)"
  }
}
