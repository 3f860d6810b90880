import Tensors

extension Picture {
  /// The picture with what was changed in a smaller one of it, so that details that the
  /// small one has no pixels for stay.
  ///
  /// - Parameters:
  ///   - changed: the small picture after the changes.
  ///   - original: the small picture before, as large as `changed`.
  public func changed(as changed: Picture, from original: Picture) throws -> Picture {
    guard changed.size != size else { return Picture(pixels: changed.pixels, alpha: alpha) }
    // Pictures hold 0…1: a change of nothing is a half there.
    var change = changed.pixels
    for i in change.elements.indices {
      change.elements[i] = (1 + change.elements[i] - original.pixels.elements[i]) / 2
    }
    let enlarged = try Picture(pixels: change).resized(to: size)
    var elements = pixels.elements
    for i in elements.indices {
      elements[i] = min(max(elements[i] + 2 * enlarged.pixels.elements[i] - 1, 0), 1)
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}
