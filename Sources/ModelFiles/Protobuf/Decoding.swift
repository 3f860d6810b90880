import Files
import Foundation
import SwiftProtobuf

extension MappedFile {
  /// Decodes the message in a part of the file.
  ///
  /// - Throws: `ModelFileError.malformed`.
  func message<Message: SwiftProtobuf.Message>(_ type: Message.Type, _ range: Range<Int>) throws
    -> Message
  {
    do {
      return try Message(serializedBytes: data[range])
    } catch {
      throw ModelFileError.malformed(
        path: path, offset: range.lowerBound, reason: "a message cannot be decoded")
    }
  }
}
