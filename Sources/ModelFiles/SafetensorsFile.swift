import Foundation
import Tensors

/// Named tensors in a safetensors file: a 64-bit little-endian length, a JSON
/// header of that length, and the tensors' bytes.
///
/// The file is mapped, not read: only tensors that are asked for cost memory.
/// Format: https://github.com/huggingface/safetensors#format
public struct SafetensorsFile: Sendable {
  /// Where the file is.
  public let path: String
  /// What the file holds, by name.
  public let entries: [String: Entry]
  private let data: Data
  private let dataStart: Int

  /// One tensor's description in the header.
  public struct Entry: Sendable, Equatable {
    /// The element type by its name in the format, such as `F16`.
    public let type: String
    /// The length of each dimension.
    public let shape: [Int]
    /// The tensor's bytes, counted from the end of the header.
    let bytes: Range<Int>
  }

  /// The longest header that the format's own reader accepts, in bytes.
  private static let longestHeader = 100_000_000

  /// Opens a file and checks that every tensor lies within it.
  ///
  /// - Throws: `ModelFileError.unreadable` and `.malformed`.
  public init(path: String) throws {
    self.path = path
    func malformed(_ reason: String) -> ModelFileError { .malformed(path: path, reason: reason) }
    data = try Self.map(path)
    guard data.count >= 8 else { throw malformed("it has only \(data.count) bytes") }
    let headerLength = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard headerLength <= min(UInt64(data.count - 8), UInt64(Self.longestHeader)) else {
      throw malformed("its header of \(headerLength) bytes does not fit")
    }
    dataStart = 8 + Int(headerLength)
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: data[8..<dataStart])
    } catch {
      throw malformed("its header is not the format's JSON")
    }
    var entries: [String: Entry] = [:]
    for (name, described) in header.tensors {
      guard let entry = described.entry(dataCount: data.count - dataStart) else {
        throw malformed("tensor «\(name.prefix(80))» has an impossible type, shape or place")
      }
      entries[name] = entry
    }
    self.entries = entries
  }

  /// Reads one tensor and widens it to `Float`.
  ///
  /// - Throws: `ModelFileError.missingTensor` unless there is a tensor of this name and shape.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    Tensor(shape: shape, elements: try floats(name, shape: shape).elements)
  }

  /// The same in the engine's memory. The file's pages that were read are let go.
  ///
  /// - Throws: `ModelFileError.missingTensor` unless there is a tensor of this name and shape.
  package func floats(_ name: String, shape: [Int]) throws -> FloatBuffer {
    guard let entry = entries[name], entry.shape == shape,
      let type = ElementType(rawValue: entry.type)
    else {
      throw ModelFileError.missingTensor(path: path, name: name, expected: shape)
    }
    let range = dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound
    let result = FloatBuffer(count: shape.reduce(1, *))
    type.widen(data[range], into: result.pointer)
    data.letGo(range)
    return result
  }

  /// The tensor of this name in the shape that the file gives.
  ///
  /// - Throws: `ModelFileError.missingTensor` if there is none of this name.
  public func tensor(_ name: String) throws -> Tensor {
    try tensor(name, shape: entries[name]?.shape ?? [])
  }

  private static func map(_ path: String) throws -> Data {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ModelFileError.unreadable(path: path, reason: "there is no such file")
    }
    guard !isFolder.boolValue else {
      throw ModelFileError.unreadable(path: path, reason: "it is a folder")
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw ModelFileError.unreadable(path: path, reason: "it cannot be opened")
    }
  }
}

extension Data {
  /// Tells the system that a part of a mapped file is not needed in memory any more; where
  /// it is, it will be read again.
  fileprivate func letGo(_ range: Range<Int>) {
    withUnsafeBytes { bytes in
      guard !range.isEmpty, let start = bytes.baseAddress else { return }
      let page = Int(getpagesize())
      let first = (start + range.lowerBound).alignedUp(toMultipleOf: page)
      let end = (start + range.upperBound).alignedDown(toMultipleOf: page)
      if end > first {
        madvise(UnsafeMutableRawPointer(mutating: first), end - first, MADV_DONTNEED)
      }
    }
  }
}

/// The header's JSON: an object of tensors, beside `__metadata__`.
private struct Header: Decodable {
  var tensors: [String: Description] = [:]

  struct Description: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }

    /// The checked entry; nil if it contradicts itself or the file's size.
    func entry(dataCount: Int) -> SafetensorsFile.Entry? {
      guard dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[0] <= dataOffsets[1],
        dataOffsets[1] <= dataCount
      else { return nil }
      var count = 1
      for length in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow else { return nil }
        count = product
      }
      let bytes = dataOffsets[1] - dataOffsets[0]
      // Types that we cannot read may be in a file; they only cannot be asked for.
      if let type = ElementType(rawValue: dtype) {
        let (size, overflow) = count.multipliedReportingOverflow(by: type.size)
        guard !overflow, size == bytes else { return nil }
      }
      return SafetensorsFile.Entry(
        type: dtype, shape: shape, bytes: dataOffsets[0]..<dataOffsets[1])
    }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys where key.stringValue != "__metadata__" {
      tensors[key.stringValue] = try container.decode(Description.self, forKey: key)
    }
  }
}
