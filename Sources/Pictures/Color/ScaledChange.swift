import Engine

extension Picture {
  /// The picture with the changes that were made to a smaller copy of it.
  ///
  /// Details that are too fine for the copy stay.
  ///
  /// - Parameters:
  ///   - changed: the copy after the changes.
  ///   - original: the copy before the changes, of the same size.
  /// - Throws: `PictureError` if memory runs out.
  public func changed(as changed: Picture, from original: Picture) throws -> Picture {
    guard changed.size != size else { return Picture(pixels: changed.pixels, alpha: alpha) }
    let change = Tensor(
      shape: changed.pixels.shape,
      elements: zip(changed.pixels.elements, original.pixels.elements).map { $0 - $1 })
    let enlarged = try change.resampled(to: size)
    let elements = zip(pixels.elements, enlarged.elements).map { min(max($0 + $1, 0), 1) }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}
