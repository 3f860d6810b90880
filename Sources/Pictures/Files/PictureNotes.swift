import Synchronization

/// Remarks about a file, which come up when it is opened and when it is decoded.
final class PictureNotes: Sendable {
  private let notes = Mutex<[String]>([])

  /// The remarks in their order, each once.
  var all: [String] { notes.withLock { $0 } }

  /// Adds a remark: a part of a sentence that follows the file's name.
  func add(_ note: String) {
    notes.withLock { if !$0.contains(note) { $0.append(note) } }
  }
}
