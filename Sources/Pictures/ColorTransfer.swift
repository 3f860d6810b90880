import Tensors

extension Picture {
  /// The picture's luminance with another picture's colours: Y of this one, I and Q
  /// of `other`, in the YIQ space of NTSC television (Gatys et al. 2016, "Preserving
  /// Color in Neural Artistic Style Transfer", section 3.2).
  ///
  /// - Precondition: both have the same size.
  public func withChroma(of other: Picture) -> Picture {
    precondition(size == other.size)
    var elements = other.pixels.elements
    for i in stride(from: 0, to: elements.count, by: 3) {
      // I and Q are differences of colours, so adding the same to all three
      // changes nothing but Y.
      let shift = luminance(pixels.elements, i) - luminance(elements, i)
      for channel in i..<i + 3 { elements[channel] = min(max(elements[channel] + shift, 0), 1) }
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }

  private func luminance(_ values: [Float], _ i: Int) -> Float {
    0.299 * values[i] + 0.587 * values[i + 1] + 0.114 * values[i + 2]
  }
}
