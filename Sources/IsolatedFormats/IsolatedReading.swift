import Foundation
import ModelFiles

/// What the child process does: reads a file of weights by a library that is not safe on
/// hostile files, and writes its convolutions as a safetensors file.
public enum IsolatedReading {
  /// Reads a file. The process has limits from then on.
  ///
  /// - Parameters:
  ///   - source: a file of Keras' or MatConvNet's weights.
  ///   - result: an empty file, or none yet.
  /// - Throws: `IsolatedReadingError`.
  public static func convert(_ source: String, to result: String) throws {
    let attributes = try? FileManager.default.attributesOfItem(atPath: source)
    let limits = ResourceLimits(fileSize: attributes?[.size] as? Int ?? 0)
    limits.set()
    guard FileManager.default.createFile(atPath: result, contents: nil),
      let file = FileHandle(forWritingAtPath: result)
    else { throw IsolatedReadingError("there is no room for the weights in the temporary folder") }
    let contents =

      try isHDF5(source)
      ? HDF5Weights(source, limits: limits).contents()
      : MATWeights(source, limits: limits).contents()
    do {
      try SafetensorsWriter.write(contents.items, metadata: contents.metadata, to: file)
      try file.close()
    } catch let error as IsolatedReadingError {
      throw error
    } catch {
      throw IsolatedReadingError("there is no room for the weights in the temporary folder")
    }
  }

  private static func isHDF5(_ path: String) -> Bool {
    let start = try? FileHandle(forReadingAtPath: path)?.read(upToCount: 4)
    return start?.elementsEqual([0x89] + "HDF".utf8) ?? false
  }
}

/// What a library found in a file.
struct IsolatedContents {
  var items: [SafetensorsWriter.Item] = []
  var metadata: [String: String] = [:]

  /// Remembers an array that is not read.
  mutating func skip(_ name: String, shape: [Int]) {
    let (key, value) = IsolatedResult.metadata(unread: name, shape: shape)
    metadata[key] = value
  }
}

/// Why a file could not be read, to be put behind its name.
public struct IsolatedReadingError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
