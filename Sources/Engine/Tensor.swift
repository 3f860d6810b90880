/// An array of `Float` with a shape, stored with the last dimension dense.
///
/// Pictures are `[height, width, channels]`, convolution weights
/// `[outputs, inputs, height, width]`. It is a value: a copy never changes with
/// its original.
public struct Tensor: Sendable, Equatable {
  /// The length of each dimension.
  public let shape: [Int]
  /// The elements, last dimension dense; as many as the product of `shape`.
  public let elements: [Float]

  /// Makes a tensor of the given shape from its elements.
  ///
  /// - Precondition: there are as many elements as the product of `shape`.
  public init(shape: [Int], elements: [Float]) {
    precondition(
      elements.count == shape.reduce(1, *),
      "\(elements.count) elements do not fill the shape \(shape).")
    self.shape = shape
    self.elements = elements
  }

  /// Makes a tensor that holds one value everywhere.
  public init(shape: [Int], repeating value: Float) {
    self.init(shape: shape, elements: Array(repeating: value, count: shape.reduce(1, *)))
  }
}
