/// An objective of a transfer for pictures of one size, however it is computed.
package protocol PictureObjective: AnyObject {
  /// The weighted sum of the losses.
  var sum: LossSum { get set }
  /// The weighted content loss of a picture whose features are all zero.
  var contentEnergy: Double { get }

  /// Computes the losses of a picture and the gradient of `minimized` with respect to it.
  ///
  /// - Parameters:
  ///   - image: `[height, width, 3]`.
  ///   - gradient: receives the gradient.
  ///   - isPhoto: whether the picture is the photo, and the objective was not evaluated yet.
  func evaluate(
    _ image: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, isPhoto: Bool
  ) throws -> Losses
}

extension PictureObjective {
  /// The Huber threshold of the style loss.
  ///
  /// Above it, gradients and `minimized` use the smooth continuation by the square root. The values
  /// in `Losses` are never transformed.
  package var styleThreshold: Double {
    get { sum.huber.threshold }
    set { sum.huber.threshold = newValue }
  }

  /// The value that gradients belong to: the weighted sum of the losses, with the Huber-style
  /// transform of the style loss.
  package func minimized(_ losses: Losses) -> Double { sum.minimized(losses) }
}
