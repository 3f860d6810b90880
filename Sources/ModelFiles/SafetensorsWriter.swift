import Foundation

/// Writes a safetensors file tensor by tensor, so that only one is in memory at a time.
package struct SafetensorsWriter {
  /// A tensor to be written.
  package struct Item {
    let name: String
    let shape: [Int]
    let precision: WeightPrecision
    /// Its elements, the last index moving fastest.
    let elements: () throws -> [Float]

    package init(
      name: String, shape: [Int], precision: WeightPrecision,
      elements: @escaping () throws -> [Float]
    ) {
      self.name = name
      self.shape = shape
      self.precision = precision
      self.elements = elements
    }
  }

  /// What stands under a name of the header.
  private enum HeaderValue: Encodable {
    case metadata([String: String])
    case tensor(SafetensorsEntry)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .metadata(let metadata): try metadata.encode(to: encoder)
      case .tensor(let description): try description.encode(to: encoder)
      }
    }
  }

  /// Writes a whole file, from its start.
  ///
  /// - Throws: what giving the elements and writing to the file throw.
  package static func write(
    _ items: [Item], metadata: [String: String], to file: FileHandle
  ) throws {
    var offset = 0
    var header: [String: HeaderValue] = ["__metadata__": .metadata(metadata)]
    for item in items {
      let end = offset + item.shape.reduce(1, *) * item.precision.type.size
      header[item.name] = .tensor(
        SafetensorsEntry(
          dtype: item.precision.type.rawValue, shape: item.shape, dataOffsets: [offset, end]))
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(header)
    // The format's own writer aligns the data in this way.
    text.append(Data(repeating: 0x20, count: (8 - text.count % 8) % 8))
    try file.write(contentsOf: withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) })
    try file.write(contentsOf: text)
    for item in items { try file.write(contentsOf: bytes(of: item)) }
  }

  private static func bytes(of item: Item) throws -> Data {
    let elements = try item.elements()
    precondition(elements.count == item.shape.reduce(1, *))
    return switch item.precision {
    // Closures: a key path is looked up anew for every element.
    case .half: elements.map { $0.halfBits.littleEndian }.withUnsafeBytes { Data($0) }
    case .single: elements.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    }
  }
}
