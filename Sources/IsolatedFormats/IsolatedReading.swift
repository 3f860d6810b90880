import CSandbox
import Files
import Foundation
import ModelFiles

/// The work of the child process: converts a file of weights to safetensors.
///
/// The libraries that read the file are unsafe for untrusted files.
public enum IsolatedReading {
  /// The weights are open as standard input; the libraries open them by this path.
  private static let source = "/dev/fd/\(STDIN_FILENO)"

  /// Converts the weights of Keras or MatConvNet on standard input to safetensors on standard output,
  /// both of which are regular files.
  ///
  /// Before it reads, the process gives up everything that it does not need: other descriptors,
  /// other files, writing to files, the network, other processes, and more memory and time than
  /// weights take. It cannot take them back, and should end afterwards.
  ///
  /// - Parameter parent: the process that waits for the result. This one is killed with it.
  /// - Throws: `IsolatedReadingError`.
  public static func convert(parent: Int32) throws {
    guard csandbox_end_with_parent(parent) else {
      throw IsolatedReadingError("the process that needs it has ended")
    }
    csandbox_close_others()
    let limits = ResourceLimits(fileSize: FileDigest.size(ofFile: source) ?? 0)
    limits.set()
    csandbox_restrict(STDIN_FILENO)
    let contents =
      try isHDF5()
      ? HDF5Weights(source, limits: limits).contents()
      : MATWeights(source, limits: limits).contents()
    do {
      let result = FileHandle(fileDescriptor: STDOUT_FILENO)
      try SafetensorsWriter.write(contents.items, metadata: contents.metadata) {
        try result.write(contentsOf: $0)
      }
    } catch let error as IsolatedReadingError {
      throw error
    } catch {
      throw IsolatedReadingError("not enough space in the temporary folder")
    }
  }

  private static func isHDF5() throws -> Bool {
    var start = [UInt8](repeating: 0, count: 4)
    let count = read(STDIN_FILENO, &start, start.count)
    return count == start.count && start == [0x89] + Array("HDF".utf8)
  }
}

/// The contents of a file.
struct IsolatedContents {
  var items: [SafetensorsWriter.Item] = []
  var metadata: [String: String] = [:]

  /// Records an array that is not read.
  mutating func skip(_ name: String, shape: [Int]) {
    let (key, value) = IsolatedResult.metadata(unread: name, shape: shape)
    metadata[key] = value
  }
}

/// A reason why a file cannot be read; the command adds the file's name.
public struct IsolatedReadingError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
