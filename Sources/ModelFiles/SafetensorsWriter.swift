import Foundation

/// Writes a safetensors file one tensor at a time, to keep a single one in memory.
package struct SafetensorsWriter {
  /// A tensor to write.
  package struct Item {
    let name: String
    let shape: [Int]
    let precision: WeightPrecision
    /// Gives the elements in row-major order.
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

  /// A value of the header.
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
  /// - Parameter write: writes the parts of the file in order.
  /// - Throws: the errors of `Item.elements` and of `write`.
  package static func write(
    _ items: [Item], metadata: [String: String], with write: (Data) throws -> Void
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
    // The format's own writer aligns the data the same way.
    text.append(Data(repeating: 0x20, count: (8 - text.count % 8) % 8))
    try write(withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) })
    try write(text)
    for item in items { try write(bytes(of: item)) }
  }

  private static func bytes(of item: Item) throws -> Data {
    let elements = try item.elements()
    precondition(elements.count == item.shape.reduce(1, *))
    return switch item.precision {
    // Closures, because a key path is evaluated slowly for every element.
    case .half: elements.map { $0.halfBits.littleEndian }.withUnsafeBytes { Data($0) }
    case .single: elements.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    }
  }
}
