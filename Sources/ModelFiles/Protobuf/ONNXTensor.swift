import Files
import Foundation

/// A constant in an ONNX model, with its elements in memory.
package struct ONNXTensor: Sendable {
  package private(set) var name = ""
  package let shape: [Int]
  package let elements: Elements

  /// The elements in row-major order.
  package enum Elements: Sendable {
    case floats([Float])
    case integers([Int])
  }

  /// Makes a tensor.
  ///
  /// - Precondition: the number of elements is the product of `shape`.
  package init(shape: [Int], _ elements: Elements) {
    self.shape = shape
    self.elements = elements
    precondition(count == shape.reduce(1, *))
  }

  /// The number of elements.
  package var count: Int {
    switch elements {
    case .floats(let values): values.count
    case .integers(let values): values.count
    }
  }

  /// The elements as `Float`.
  package var floats: [Float] {
    switch elements {
    case .floats(let values): values
    case .integers(let values): values.map { Float($0) }
    }
  }

  /// The elements, if they are integers.
  package var integers: [Int]? {
    if case .integers(let values) = elements { values } else { nil }
  }

  /// The only element; nil if there are several.
  package var scalar: Float? { count == 1 ? floats[0] : nil }

  /// Reads a `TensorProto`.
  ///
  /// - Throws: `ModelFileError`.
  init(_ file: MappedFile, _ range: Range<Int>) throws {
    func malformed(_ reason: String) -> ModelFileError {
      .malformed(path: file.path, offset: range.lowerBound, reason: reason)
    }
    var (name, type) = ("", UInt64(0))
    var lengths: [Int] = []
    var (floats, integers): ([Float], [Int]) = ([], [])
    var raw: Range<Int>?
    var message = WireFormat(file, range: range)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .varint(let length)): lengths.append(Int(clamping: length))
      case (1, .bytes(let range)):
        lengths += try WireFormat.varints(file, range).map { Int(clamping: $0) }
      case (2, .varint(let value)): type = value
      case (4, .fixed32(let bits)): floats.append(Float(bitPattern: bits))
      case (4, .bytes(let range)): floats += try Self.floats(file, range)
      case (5, .varint(let value)), (7, .varint(let value)):
        integers.append(Int(Int64(bitPattern: value)))
      case (5, .bytes(let range)), (7, .bytes(let range)):
        integers += try WireFormat.varints(file, range).map { Int(Int64(bitPattern: $0)) }
      case (8, .bytes(let range)): name = try file.text(range)
      case (9, .bytes(let range)): raw = range
      case (14, .varint(1)):
        throw ModelFileError.unsupported(
          path: file.path, reason: "its weights are in other files; save the model in one file")
      default: break
      }
    }
    guard let shape = TensorShape(lengths) else { throw malformed("an impossible shape") }
    let elements: Elements
    if let raw {
      elements = try Self.elements(
        file.data[file.data.startIndex + raw.lowerBound..<file.data.startIndex + raw.upperBound],
        type: type, malformed)
    } else {
      elements = type == 1 ? .floats(floats) : .integers(integers)
    }
    self.name = name
    self.shape = shape.lengths
    self.elements = elements
    guard count == shape.count else {
      throw malformed("'\(name.prefix(80))' has \(count) numbers, which do not fit its shape")
    }
  }

  /// Decodes `raw_data` by `TensorProto.DataType`.
  private static func elements(
    _ bytes: Data, type: UInt64, _ malformed: (String) -> ModelFileError
  ) throws -> Elements {
    func integers<Value: FixedWidthInteger>(_ type: Value.Type) -> Elements {
      let size = MemoryLayout<Value>.size
      return bytes.withUnsafeBytes { raw in
        .integers(
          (0..<raw.count / size).map {
            Int(
              truncatingIfNeeded: Value(
                littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: type)))
          })
      }
    }
    func floats(_ type: ElementType) -> Elements {
      .floats(
        [Float](unsafeUninitializedCapacity: bytes.count / type.size) {
          if let start = $0.baseAddress { type.widen(bytes, into: start) }
          $1 = bytes.count / type.size
        })
    }
    switch type {
    case 1: return floats(.float32)
    case 10: return floats(.float16)
    case 11: return floats(.float64)
    case 16: return floats(.bfloat16)
    case 2, 9: return integers(UInt8.self)
    case 3: return integers(Int8.self)
    case 5: return integers(Int16.self)
    case 6: return integers(Int32.self)
    case 7: return integers(Int64.self)
    default: throw malformed("elements of type \(type) are not supported")
    }
  }

  /// The numbers of a packed field.
  static func floats(_ file: MappedFile, _ range: Range<Int>) throws -> [Float] {
    var reader = ByteReader(file, range: range)
    return try (0..<range.count / 4).map { _ in
      Float(bitPattern: try reader.integer(UInt32.self))
    }
  }
}
