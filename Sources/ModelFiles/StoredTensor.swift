import Foundation

/// A tensor as a file describes it; its elements are read when they are asked for.
public struct StoredTensor: Sendable {
  /// The element type by its name in safetensors, such as `F16`, or the file's own name of
  /// one that is not read.
  public let type: String
  /// The length of each dimension.
  public let shape: [Int]
  /// For each dimension, how many elements further its next index is.
  let strides: [Int]
  let elements: Elements

  /// Where the elements are.
  enum Elements: Sendable {
    /// In the mapped file.
    case mapped(Range<Int>)
    /// In a member of an archive.
    case member(ZipMember, Range<Int>)
    /// Inside of a message that is decoded as a whole.
    case decoded(@Sendable () throws -> [Float])
  }

  /// - Parameter strides: those of a tensor whose last index moves fastest, if nil.
  init(type: String, shape: [Int], strides: [Int]? = nil, elements: Elements) {
    self.type = type
    self.shape = shape
    self.strides = strides ?? Self.rowMajor(shape)
    self.elements = elements
  }

  /// Nil if it is not one that can be read.
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

  /// The number of elements of a shape; nil where it is negative or overflows.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  /// The number of stored elements that a shape with strides spans; nil where that is
  /// impossible or would make more elements than are stored.
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
