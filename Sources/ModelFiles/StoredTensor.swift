import Foundation

/// A file's description of a tensor, whose elements are read on demand.
public struct StoredTensor: Sendable {
  /// The element type by its name in safetensors, for example `F16`; an unsupported type has
  /// the file's own name.
  public let type: String
  private let size: TensorShape
  /// The distance in elements between neighbors along each dimension.
  let strides: [Int]
  let elements: Elements

  /// The source of the elements.
  enum Elements: Sendable {
    /// In the mapped file.
    case mapped(Range<Int>)
    /// In a member of an archive.
    case member(ZipMember, Range<Int>)
    /// In a message that is decoded as a whole.
    case decoded(@Sendable () throws -> [Float])
  }

  /// - Parameter strides: nil for row-major order.
  init(type: String, shape: TensorShape, strides: [Int]? = nil, elements: Elements) {
    self.type = type
    size = shape
    self.strides = strides ?? shape.rowMajorStrides
    self.elements = elements
  }

  /// The length of each dimension.
  public var shape: [Int] { size.lengths }

  /// The number of elements.
  public var count: Int { size.count }

  /// The element type; nil if it is unsupported.
  var elementType: ElementType? { ElementType(rawValue: type) }

  var isRowMajor: Bool { strides == size.rowMajorStrides }
}
