import Foundation

/// A file's description of a tensor, whose elements are read on demand.
public struct StoredTensor: Sendable {
  /// The element type by its name in safetensors, for example `F16`; an unsupported type has
  /// the file's own name.
  public let type: String
  /// The length of each dimension.
  public let shape: [Int]
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
  init(type: String, shape: [Int], strides: [Int]? = nil, elements: Elements) {
    self.type = type
    self.shape = shape
    self.strides = strides ?? Self.rowMajor(shape)
    self.elements = elements
  }

  /// The element type; nil if it is unsupported.
  var elementType: ElementType? { ElementType(rawValue: type) }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  var isRowMajor: Bool { strides == Self.rowMajor(shape) }

  static func rowMajor(_ shape: [Int]) -> [Int] {
    var strides: [Int] = []
    var step = 1
    for length in shape.reversed() {
      strides.append(step)
      step *= max(1, length)
    }
    return strides.reversed()
  }

  /// The number of elements of a shape; nil if a length is negative or the product overflows.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  /// The number of stored elements that a shape with strides spans; nil if that is impossible
  /// or if fewer elements are stored than the shape has.
  static func span(of shape: [Int], strides: [Int]) -> Int? {
    guard shape.count == strides.count, let count = count(of: shape) else { return nil }
    if count == 0 { return 0 }
    var last = 0
    for (length, stride) in zip(shape, strides) {
      let (step, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(step)
      guard stride >= 0, !overflow, !sumOverflow else { return nil }
      last = sum
    }
    return last < .max && count <= last + 1 ? last + 1 : nil
  }
}
