import Foundation
import ModelFiles

/// The work of the child process: converts a file of weights to safetensors.
///
/// The libraries that read the file are unsafe for untrusted files.
public enum IsolatedReading {
  /// Converts a file's convolutions. The resource limits of the process stay in place.
  ///
  /// - Parameters:
  ///   - source: a file of Keras' or MatConvNet's weights.
  ///   - result: the path of the safetensors file, which is created.
  /// - Throws: `IsolatedReadingError`.
  public static func convert(_ source: String, to result: String) throws {
    let attributes = try? FileManager.default.attributesOfItem(atPath: source)
    let limits = ResourceLimits(fileSize: attributes?[.size] as? Int ?? 0)
    limits.set()
    guard FileManager.default.createFile(atPath: result, contents: nil),
      let file = FileHandle(forWritingAtPath: result)
    else { throw IsolatedReadingError("not enough space in the temporary folder") }
    let contents =
      try isHDF5(source)
      ? HDF5Weights(source, limits: limits).contents()
      : MATWeights(source, limits: limits).contents()
    do {
      try SafetensorsWriter.write(contents.items, metadata: contents.metadata) {
        try file.write(contentsOf: $0)
      }
      try file.close()
    } catch let error as IsolatedReadingError {
      throw error
    } catch {
      throw IsolatedReadingError("not enough space in the temporary folder")
    }
  }

  private static func isHDF5(_ path: String) -> Bool {
    let start = try? FileHandle(forReadingAtPath: path)?.read(upToCount: 4)
    return start?.elementsEqual([0x89] + "HDF".utf8) ?? false
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
