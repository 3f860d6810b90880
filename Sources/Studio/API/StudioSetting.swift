#if Studio
import Impasto
import Runs

/// A setting as a form shows it.
struct StudioSetting: Sendable, Encodable {
  /// What a value is.
  enum Kind: String, Sendable, Encodable {
    case number, integer, text, choice
  }

  /// The key in recipes and requests.
  let key: String
  let label: String
  let help: String
  let kind: Kind
  /// The values of a choice.
  var choices: [String]?
  /// Values that a form offers.
  var suggestions: [Suggestion]?
  /// The default as text; empty if it depends on the pictures.
  let standard: String
  /// The methods that have the setting.
  let methods: [JobRequest.Method]
  /// Whether it belongs to the few that most people change.
  var isCommon = false

  /// A value with what it is good for.
  struct Suggestion: Sendable, Encodable {
    let value: Int
    let label: String
  }

  /// Longer sides for screens, and for prints at 300 pixels an inch.
  private static let sizes = [
    Suggestion(value: 512, label: "a preview"), Suggestion(value: 1024, label: "a web page"),
    Suggestion(value: 1920, label: "a screen"), Suggestion(value: 1748, label: "a postcard, A6"),
    Suggestion(value: 2480, label: "a print, A5"), Suggestion(value: 3508, label: "a print, A4"),
    Suggestion(value: 4961, label: "a print, A3"), Suggestion(value: 7016, label: "a poster, A2"),
  ]

  private init(
    _ key: String, _ label: String, _ help: String, _ kind: Kind, choices: [String]? = nil,
    methods: [JobRequest.Method] = [.optimization], isCommon: Bool = false
  ) {
    (self.key, self.label, self.help, self.kind) = (key, label, help, kind)
    (self.choices, self.methods, self.isCommon) = (choices, methods, isCommon)
    suggestions = key == "size" ? Self.sizes : nil
    standard = key == "size" ? "" : Recipe.defaultText(of: key)
  }

  /// All settings, the common ones first.
  static let all = [
    StudioSetting(
      "size", "Size", "The longer side of the result in pixels.", .integer,
      methods: JobRequest.Method.allCases, isCommon: true),
    StudioSetting(
      "quality", "Quality", "How long the optimization works.", .choice,
      choices: Quality.allCases.map(\.rawValue), isCommon: true),
    StudioSetting(
      "strength", "Strength", "How much of the style the result has, 0 to 1.", .number,
      methods: [.onePass], isCommon: true),
    StudioSetting(
      "style-scale", "Size of strokes",
      "The painting's longer side as a multiple of the photo's; less gives finer strokes.",
      .number, isCommon: true),
    StudioSetting(
      "color", "Keep colors", "Keep the photo's colors, by one of several methods.", .choice,
      choices: ColorChoice.allCases.map(\.rawValue), methods: JobRequest.Method.allCases,
      isCommon: true),
    StudioSetting(
      "style-weight", "Weight of the style", "More gives more style and less of the photo.",
      .number),
    StudioSetting(
      "content-weight", "Weight of the content", "More keeps more of the photo.", .number),
    StudioSetting(
      "tv-weight", "Weight of smoothness", "More gives smoother areas (total variation).",
      .number),
    StudioSetting(
      "style-loss", "Style loss", "How styles are compared.", .choice,
      choices: StyleLoss.allCases.map(\.rawValue)),
    StudioSetting(
      "style-layers", "Style layers", "The layers whose statistics are the style.", .text),
    StudioSetting(
      "content-layers", "Content layers", "The layers whose features are the content.", .text),
    StudioSetting(
      "iterations", "Iterations", "A fixed number of steps, in place of the quality.", .integer),
    StudioSetting("scales", "Sizes", "The number of sizes from coarse to fine.", .integer),
    StudioSetting(
      "init", "Start", "What the optimization starts from.", .choice,
      choices: ["recolored", "content", "noise", "style"]),
    StudioSetting("seed", "Seed", "The seed of the noise.", .integer),
    StudioSetting(
      "optimizer", "Optimizer", "The method that minimizes the losses.", .choice,
      choices: OptimizerName.allCases.map(\.rawValue)),
    StudioSetting(
      "learning-rate", "Learning rate", "The step size of Adam and gradient descent.", .number),
    StudioSetting(
      "pooling", "Pooling", "The pooling of the network.", .choice,
      choices: Pooling.allCases.map(\.rawValue)),
    StudioSetting(
      "precision", "Precision",
      "Fast multiplies bfloat16 numbers, on processors that have instructions for it.", .choice,
      choices: Precision.allCases.map(\.rawValue), methods: JobRequest.Method.allCases),
  ]
}
#endif
