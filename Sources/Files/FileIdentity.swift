import Foundation

/// The identity of a file on disk, independent of the path.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  /// Makes the identity of the file at `path`; nil if there is none.
  package init?(_ path: String) {
    var status = stat()
    guard path.withSystemPath({ stat($0, &status) == 0 }) else { return nil }
    self.init(status)
  }

  /// Makes the identity of an open file; nil if the descriptor is not open.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}
