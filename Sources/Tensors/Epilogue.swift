/// What happens to a convolution's values before they are stored, in this order.
package struct Epilogue {
  /// One value a channel, added.
  package var bias: UnsafePointer<Float>?
  /// Negative values become zero.
  package var relu = false
  /// Laid out as the output, added.
  package var addend: UnsafePointer<Float>?
  /// Laid out as the output: where it is not positive, the output is zero.
  package var mask: UnsafePointer<Float>?

  package init(
    bias: UnsafePointer<Float>? = nil, relu: Bool = false, addend: UnsafePointer<Float>? = nil,
    mask: UnsafePointer<Float>? = nil
  ) {
    self.bias = bias
    self.relu = relu
    self.addend = addend
    self.mask = mask
  }

  /// Applies it to the values of some positions; `offset` is their first element's
  /// place in the addend and the mask.
  func apply(to values: UnsafeMutablePointer<Float>, offset: Int, positions: Int, channels: Int) {
    let count = positions * channels
    if let bias {
      for position in 0..<positions {
        let value = values + position * channels
        for channel in 0..<channels { value[channel] += bias[channel] }
      }
    }
    if relu { for i in 0..<count { values[i] = max(values[i], 0) } }
    if let addend { for i in 0..<count { values[i] += addend[offset + i] } }
    if let mask { for i in 0..<count { values[i] = mask[offset + i] > 0 ? values[i] : 0 } }
  }
}
