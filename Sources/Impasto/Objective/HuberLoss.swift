/// A Huber-style transform of a squared distance: above a threshold, the loss grows like the
/// distance itself. Huber, "Robust Estimation of a Location Parameter" (1964).
///
/// At the start of a transfer the style loss is thousands of times its final value. Without the
/// transform it destroys the photo's content in the first few steps, and the remaining steps are
/// spent on restoring it.
package struct HuberLoss: Sendable {
  /// The largest loss that stays unchanged.
  package var threshold: Double

  package init(threshold: Double = .infinity) {
    self.threshold = threshold
  }

  /// The transformed loss.
  package func value(_ loss: Double) -> Double {
    loss <= threshold ? loss : 2 * (loss * threshold).squareRoot() - threshold
  }

  /// The derivative of the transformed loss with respect to the loss, at most 1.
  package func slope(_ loss: Double) -> Double {
    loss <= threshold ? 1 : (threshold / loss).squareRoot()
  }
}
