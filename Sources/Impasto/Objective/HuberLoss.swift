/// Turns a loss that is the square of a distance into one that grows like the distance
/// itself where it is large: Huber, "Robust Estimation of a Location Parameter" (1964).
///
/// At the start of a transfer the style loss is thousands of times what it will be at the
/// end. Minimised as it is, it sweeps the photo's content away in the first few
/// steps, and the rest of the time goes into bringing it back.
package struct HuberLoss: Sendable {
  /// Below this a loss is what it was.
  package var threshold: Double

  package init(threshold: Double = .infinity) {
    self.threshold = threshold
  }

  package func value(_ loss: Double) -> Double {
    loss <= threshold ? loss : 2 * (loss * threshold).squareRoot() - threshold
  }

  /// The derivative with respect to the loss, at most 1.
  package func slope(_ loss: Double) -> Double {
    loss <= threshold ? 1 : (threshold / loss).squareRoot()
  }
}
