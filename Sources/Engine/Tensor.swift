/// A multidimensional array of `Float` with value semantics, in row-major order.
///
/// Pictures are `[height, width, channels]`, convolution weights
/// `[outputs, inputs, height, width]`.
public struct Tensor: Sendable, Equatable {
  /// The length of each dimension.
  public let shape: [Int]
  /// The elements in row-major order. Their number is the product of `shape`.
  public let elements: [Float]

  /// Creates a tensor from its elements.
  ///
  /// - Precondition: the number of elements is the product of `shape`.
  public init(shape: [Int], elements: [Float]) {
    precondition(
      elements.count == shape.reduce(1, *),
      "\(elements.count) elements do not fill the shape \(shape).")
    self.shape = shape
    self.elements = elements
  }

  /// Creates a tensor with all elements equal to `value`.
  public init(shape: [Int], repeating value: Float) {
    self.init(shape: shape, elements: Array(repeating: value, count: shape.reduce(1, *)))
  }
}
