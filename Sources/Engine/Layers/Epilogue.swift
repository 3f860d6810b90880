import CKernels

/// The operations on a convolution's values before they are stored, in the order of the properties.
package struct Epilogue {
  /// The bias of each channel, which is added.
  package var bias: UnsafePointer<Float>?
  /// Whether to apply a ReLU.
  package var relu = false
  /// A buffer that receives one bit per value: whether it is positive.
  package var signs: SignBits?
  /// A gradient with respect to `map`, which is added. `map` has the layout of the output.
  package var gradient: (LocalGradient, map: UnsafePointer<Float>)?
  /// A mask outside of which the output is zero.
  package var mask: Mask?

  /// A ReLU mask.
  package enum Mask {
    /// The positive values of the ReLU's output.
    case positive(UnsafePointer<Float>)
    case bits(SignBits)
  }

  package init(
    bias: UnsafePointer<Float>? = nil, relu: Bool = false, signs: SignBits? = nil,
    gradient: (LocalGradient, map: UnsafePointer<Float>)? = nil, mask: Mask? = nil
  ) {
    self.bias = bias
    self.relu = relu
    self.signs = signs
    self.gradient = gradient
    self.mask = mask
  }

  /// The epilogue in the kernels' form, without the gradient, for values starting at `offset`.
  func kernelForm(offset: Int) -> ck_epilogue {
    var form = ck_epilogue()
    form.bias = bias
    form.relu = relu
    form.signs = signs.map { $0.pointer + offset / 8 }
    switch mask {
    case .positive(let map): form.mask = map + offset
    case .bits(let bits): form.mask_bits = UnsafePointer(bits.pointer + offset / 8)
    case nil: break
    }
    return form
  }

  /// Applies the epilogue, except for signs, to the values at a range of positions.
  ///
  /// - Parameter scratch: memory for one float per value, which is used if there is a gradient.
  package func apply(
    to values: UnsafeMutablePointer<Float>, at positions: Range<Int>, channels: Int,
    scratch: UnsafeMutablePointer<Float>, kernels: Kernels
  ) {
    var form = kernelForm(offset: positions.lowerBound * channels)
    if let (gradient, map) = gradient {
      gradient.write(at: positions, of: map, channels: channels, to: scratch, kernels: kernels)
      form.addend = UnsafePointer(scratch)
    }
    kernels.table.pointee.finish(positions.count, channels, values, form)
  }
}
