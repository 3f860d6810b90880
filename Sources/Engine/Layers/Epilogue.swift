import CKernels

/// What happens to a convolution's values before they are stored, in this order.
package struct Epilogue {
  /// One value a channel, added.
  package var bias: UnsafePointer<Float>?
  /// Negative values become zero.
  package var relu = false
  /// Receives which values are positive.
  package var signs: SignBits?
  /// Added: a loss's gradient with respect to `map`, which is laid out as the output.
  package var gradient: (LocalGradient, map: UnsafePointer<Float>)?
  /// Where it is off, the output is zero.
  package var mask: Mask?

  /// Which values of a map a ReLU lets through.
  package enum Mask {
    /// Those that are positive in the ReLU's output.
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

  /// The kernel's form for values from `offset` on, without the gradient.
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

  /// Applies it, signs excepted, to the values of some positions.
  ///
  /// - Parameter scratch: as many floats as there are values, if there is a gradient.
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
