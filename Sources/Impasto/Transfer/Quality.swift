/// How far a transfer goes: points on the curve of the loss over time. docs/Method.md has
/// the curve.
public enum Quality: String, Sendable, Hashable, CaseIterable {
  /// A first look: the style is there, details are rough.
  case draft
  /// Ends where more steps hardly show, or sooner for easy pictures.
  case standard
  /// Goes on while the loss still falls.
  case best

  /// The steps of the optimiser, at most.
  public var iterations: Int {
    switch self {
    case .draft: 36
    case .standard: 180
    case .best: 500
    }
  }

  /// A transfer ends when ten iterations lower the loss by less than this part of it; nil
  /// for one that takes all its iterations.
  var tolerance: Double? {
    switch self {
    case .draft: nil
    case .standard: 0.01
    case .best: 0.005
    }
  }
}
