import Files
import Foundation

/// The header of an array in NumPy's format: a magic word, a version and a Python dictionary
/// with the array's type, order and shape.
///
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
struct NumPyHeader {
  /// The element type, for example `<f4`, or `|O` for objects.
  let type: String
  let isFortranOrder: Bool
  let shape: TensorShape

  private static let longestHeader = 1 << 16

  /// - Parameter reader: at the header; moved to the array's elements.
  /// - Throws: `ModelFileError.malformed`.
  init(_ reader: inout ByteReader) throws {
    let start = reader.offset
    guard try reader.bytes(6).elementsEqual([0x93] + "NUMPY".utf8) else {
      throw reader.malformed("this is not an array in NumPy's format", at: start)
    }
    let version = try reader.byte()
    _ = try reader.byte()
    let length = try version == 1 ? reader.length(UInt16.self) : reader.length(UInt32.self)
    guard length <= Self.longestHeader else {
      throw reader.malformed("a header of \(length) bytes", at: start)
    }
    let headerStart = reader.offset
    let text = try reader.text(length)
    let dictionary =
      /\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([0-9L, ]*)\),?\s*\}\s*/
    guard let match = text.wholeMatch(of: dictionary) else {
      // Arrays of records have a list in place of the type.
      let isRecord = text.firstMatch(of: /^\{\s*'descr':\s*\[/) != nil
      throw isRecord
        ? ModelFileError.unsupported(
          path: reader.path, reason: "an array of records, which is not supported")
        : reader.malformed("the array's description cannot be read", at: headerStart)
    }
    type = String(match.1)
    isFortranOrder = match.2 == "True"
    // Python 2 wrote an L after long integers.
    let lengths = match.3.split(separator: ",").map {
      Int($0.filter { !" L".contains($0) })
    }
    guard !lengths.contains(nil), let shape = TensorShape(lengths.compactMap(\.self)) else {
      throw reader.malformed("the array has an impossible shape", at: headerStart)
    }
    self.shape = shape
  }

  /// The array's description as a tensor.
  ///
  /// - Parameter elements: gives the source of this many bytes.
  func tensor(elements: (_ bytes: Int) throws -> StoredTensor.Elements) throws -> StoredTensor {
    try Self.tensor(
      type: type, shape: shape, isFortranOrder: isFortranOrder, elements: elements)
  }

  static func tensor(
    type: String, shape: TensorShape, isFortranOrder: Bool,
    elements: (_ bytes: Int) throws -> StoredTensor.Elements
  ) throws -> StoredTensor {
    guard let known = elementType(type) else {
      return StoredTensor(type: type, shape: shape, elements: .mapped(0..<0))
    }
    return StoredTensor(
      type: known.rawValue, shape: shape,
      strides: isFortranOrder ? shape.columnMajorStrides : nil,
      elements: try elements(shape.count * known.size))
  }

  private static func elementType(_ type: String) -> ElementType? {
    switch type {
    case "<f2": .float16
    case "<f4": .float32
    case "<f8": .float64
    default: nil
    }
  }
}
