/// The parts of a path, without access to the file system.
///
/// Foundation's `NSString.deletingLastPathComponent` ends the process on a relative name of one
/// letter (Swift 6.3 on Linux).
package enum FilePath {
  /// The folder that contains a file or folder, as POSIX `dirname` gives it: `.` for a name alone.
  package static func folder(of path: String) -> String {
    let trimmed = withoutTrailingSlashes(path[...])
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return String(withoutTrailingSlashes(trimmed[...slash]))
  }

  /// The path without slashes at its end; `/` stays.
  package static func withoutTrailingSlashes(_ path: String) -> String {
    String(withoutTrailingSlashes(path[...]))
  }

  private static func withoutTrailingSlashes(_ path: Substring) -> Substring {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
