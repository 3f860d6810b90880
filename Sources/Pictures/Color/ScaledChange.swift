import Engine

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
    let halves = zip(changed.pixels.elements, original.pixels.elements).map { (1 + $0 - $1) / 2 }
    let enlarged = try Picture(pixels: Tensor(shape: changed.pixels.shape, elements: halves))
      .resized(to: size).pixels.elements
    let elements = zip(pixels.elements, enlarged).map { min(max($0 + 2 * $1 - 1, 0), 1) }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}
