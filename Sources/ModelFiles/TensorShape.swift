/// The lengths of a tensor's dimensions, which come from a file.
///
/// All arithmetic on lengths starts here: the product of the lengths is limited, so that the
/// number of elements, their size in bytes and the strides cannot overflow.
package struct TensorShape: Sendable, Hashable {
  /// The length of each dimension.
  package let lengths: [Int]
  /// The number of elements.
  package let count: Int

  /// Far more elements than a file can hold.
  private static let mostElements = 1 << 40

  /// Makes a shape; nil if a length is negative, or if the product of all lengths except zeros is
  /// too large.
  package init?(_ lengths: [Int]) {
    var product = 1
    for length in lengths {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, length))
      guard length >= 0, !overflow, next <= Self.mostElements else { return nil }
      product = next
    }
    self.lengths = lengths
    count = lengths.contains(0) ? 0 : product
  }

  /// The distance in elements between neighbors along each dimension, in row-major order.
  var rowMajorStrides: [Int] {
    var strides: [Int] = []
    var step = 1
    for length in lengths.reversed() {
      strides.append(step)
      step *= max(1, length)
    }
    return strides.reversed()
  }

  /// The distance in elements between neighbors along each dimension, in column-major order.
  var columnMajorStrides: [Int] {
    var strides: [Int] = []
    var step = 1
    for length in lengths {
      strides.append(step)
      step *= max(1, length)
    }
    return strides
  }

  /// The number of stored elements that the shape spans with strides from a file; nil if that is
  /// impossible or if fewer elements are stored than the shape has.
  func span(strides: [Int]) -> Int? {
    guard lengths.count == strides.count else { return nil }
    if count == 0 { return 0 }
    var last = 0
    for (length, stride) in zip(lengths, strides) {
      let (step, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(step)
      guard stride >= 0, !overflow, !sumOverflow else { return nil }
      last = sum
    }
    return last < .max && count <= last + 1 ? last + 1 : nil
  }
}
