import Engine

/// Keeps a picture's values within 0…1 while an unconstrained optimizer changes them.
///
/// The optimizer minimizes the objective of the clamped picture, `f(clamp(x))`, with a gradient
/// without the components that point out of the range. After each step the point is clamped. This
/// changes neither value nor gradient, so it needs no evaluation, and the picture that a user sees
/// has exactly the reported loss.
package enum PixelRange {
  /// Clamps values to the range.
  package static func clamp(_ point: FloatBuffer, into image: FloatBuffer, in space: VectorSpace) {
    let (point, image) = (point.pointer, image.pointer)
    space.forRanges { for i in $0 { image[i] = min(max(point[i], 0), 1) } }
  }

  /// Sets the components of a gradient to zero whose descent step would leave the range.
  package static func project(_ gradient: FloatBuffer, at point: FloatBuffer, in space: VectorSpace)
  {
    let (point, gradient) = (point.pointer, gradient.pointer)
    space.forRanges { range in
      for i in range {
        let leaves = (point[i] <= 0 && gradient[i] > 0) || (point[i] >= 1 && gradient[i] < 0)
        gradient[i] = leaves ? 0 : gradient[i]
      }
    }
  }
}
