import Files
import Foundation

extension String {
  /// Calls a function of libvips with the bytes of a path.
  ///
  /// libvips takes brackets at the end of a name as options for the reader. Such a file is passed by
  /// its descriptor.
  func withVipsPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    guard hasSuffix("]") else { return try withSystemPath(body) }
    let descriptor = withSystemPath { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    defer { close(descriptor) }
    return try "/dev/fd/\(descriptor)".withCString(body)
  }
}
