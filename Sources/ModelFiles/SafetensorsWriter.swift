import Foundation

/// Writes a safetensors file part by part, to keep little in memory.
package struct SafetensorsWriter {
  /// A tensor to write.
  package struct Item {
    let name: String
    let shape: [Int]
    let precision: WeightPrecision
    /// Gives a range of the elements in row-major order.
    let elements: (_ range: Range<Int>) throws -> [Float]
    /// The number of elements that are read at a time.
    let partLength: Int

    /// A tensor that is read as a whole.
    package init(
      name: String, shape: [Int], precision: WeightPrecision,
      elements: @escaping () throws -> [Float]
    ) {
      self.init(name: name, shape: shape, precision: precision, partLength: .max) { range in
        let all = try elements()
        precondition(all.count == range.count)
        return all
      }
    }

    /// A tensor that is read in parts of a few megabytes.
    package init(
      name: String, shape: [Int], precision: WeightPrecision,
      parts: @escaping (_ range: Range<Int>) throws -> [Float]
    ) {
      self.init(
        name: name, shape: shape, precision: precision, partLength: 1 << 20, elements: parts)
    }

    private init(
      name: String, shape: [Int], precision: WeightPrecision, partLength: Int,
      elements: @escaping (_ range: Range<Int>) throws -> [Float]
    ) {
      (self.name, self.shape, self.precision) = (name, shape, precision)
      (self.partLength, self.elements) = (partLength, elements)
    }

    var count: Int { shape.reduce(1, *) }
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
      let end = offset + item.count * item.precision.type.size
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
    for item in items {
      var start = 0
      while start < item.count {
        let end = item.count - start > item.partLength ? start + item.partLength : item.count
        try write(bytes(of: item.elements(start..<end), item.precision))
        start = end
      }
    }
  }

  private static func bytes(of elements: [Float], _ precision: WeightPrecision) -> Data {
    switch precision {
    // Closures, because a key path is evaluated slowly for every element.
    case .half: elements.map { $0.halfBits.littleEndian }.withUnsafeBytes { Data($0) }
    case .single: elements.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    }
  }
}
