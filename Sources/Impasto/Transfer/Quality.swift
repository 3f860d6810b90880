/// The effort of a transfer: points on the curve of the loss over time, which docs/Method.md shows.
public enum Quality: String, Sendable, Hashable, CaseIterable {
  /// A first look: the style shows, details are rough.
  case draft
  /// Ends where more steps hardly show, or sooner for easy pictures.
  case standard
  /// Continues while the loss still falls.
  case best

  /// The most steps of the optimizer.
  public var iterations: Int {
    switch self {
    case .draft: 36
    case .standard: 180
    case .best: 500
    }
  }

  /// The part of the loss that ten iterations must gain for the transfer to continue; nil for all
  /// iterations.
  var tolerance: Double? {
    switch self {
    case .draft: nil
    case .standard: 0.01
    case .best: 0.005
    }
  }
}
