import Engine

/// Keeps a picture's values within 0…1 during an optimization whose optimizer
/// knows no range.
///
/// The optimizer sees the objective of the clamped picture, `f(clamp(x))`, and a
/// gradient without the parts that push further out. Whenever it has moved, the
/// point is clamped: that changes neither value nor gradient, so it costs no
/// evaluation, and the picture that a user sees has exactly the reported loss.
package enum PixelRange {
  /// Cuts values off at the ends of the range.
  package static func clamp(_ point: FloatBuffer, into image: FloatBuffer, in space: VectorSpace) {
    let (point, image) = (point.pointer, image.pointer)
    space.forRanges { for i in $0 { image[i] = min(max(point[i], 0), 1) } }
  }

  /// Removes from the gradient at `point` what a step against it would only clamp away.
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
