/// The effort of a transfer. docs/Method.md shows the loss over time for each quality.
public enum Quality: String, Sendable, Hashable, CaseIterable {
  /// A quick preview that shows the style with rough details.
  case draft
  /// Ends when more steps would hardly be visible, or earlier for easy pictures.
  case standard
  /// Continues as long as the loss falls.
  case best

  /// The maximum number of optimizer steps.
  public var iterations: Int {
    switch self {
    case .draft: 54
    case .standard: 180
    case .best: 500
    }
  }

  /// The share of the loss by which it must fall in ten iterations for the transfer to continue;
  /// nil to run all iterations.
  var tolerance: Double? {
    switch self {
    case .draft: nil
    case .standard: 0.01
    case .best: 0.005
    }
  }
}
