import Files
import Foundation

/// Reads the safetensors format: a 64-bit little-endian length, a JSON header of that length,
/// and the tensors' bytes.
///
/// Format: https://github.com/huggingface/safetensors#format.
enum SafetensorsReader {
  /// In bytes, a thousand times the header of a network. Decoding JSON needs a multiple of this
  /// in memory.
  private static let longestHeader = 10_000_000

  /// - Throws: `ModelFileError.malformed`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    var reader = ByteReader(file)
    let headerLength = try reader.length(UInt64.self)
    guard headerLength <= longestHeader else {
      throw reader.malformed("a header of \(headerLength) bytes", at: 0)
    }
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: try reader.bytes(headerLength))
    } catch is DecodingError {
      throw reader.malformed("the header is not the format's JSON", at: 8)
    }
    var contents = ModelFile.Contents(metadata: header.metadata)
    for (name, described) in header.tensors {
      guard let tensor = described.tensor(dataStart: reader.offset, count: reader.remaining) else {
        throw reader.malformed(
          "tensor '\(name.prefix(80))' has an impossible type, shape or position", at: 8)
      }
      contents.tensors[name] = tensor
    }
    return contents
  }
}

/// The header's JSON: an object of tensors, beside `__metadata__`.
private struct Header: Decodable {
  var tensors: [String: SafetensorsEntry] = [:]
  var metadata: [String: String] = [:]

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors[key.stringValue] = try container.decode(SafetensorsEntry.self, forKey: key)
      }
    }
  }
}
