#if Studio
import Foundation
import Impasto
import Runs

/// Recognizes errors of a disk that is full, which parts of the program report in their own ways.
enum FullDisk {
  /// What people read about it.
  static let message = "The disk is full; make space, and try again."

  static func isReason(of error: any Error) -> Bool {
    let cause = (error as? JobFailure)?.cause ?? error
    if (cause as? CocoaError)?.code == .fileWriteOutOfSpace { return true }
    if let error = cause as? DatabaseError { return error.reason.contains("full") }
    return "\(cause)".contains(String(cString: strerror(ENOSPC)))
  }
}
#endif
