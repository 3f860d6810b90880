import Foundation
import Impasto

extension Recipe {
  /// Checks everything that does not depend on a file.
  ///
  /// - Throws: `SettingError` with the key of the first setting that makes no sense.
  public func check() throws {
    try checkMethod()
    try checkNumbers()
    try checkChoices()
    try checkStyles()
  }

  /// The settings that only one pass has, and those that it shares with an optimization.
  private static let onePassKeys = ["network", "strength", "color-before"]
  private static let sharedKeys = [
    "recipe-version", "method", "content", "style", "style-blend", "size", "color", "precision",
    "bit-depth", "jpeg-quality",
  ]

  private func checkMethod() throws {
    for (key, _) in values {
      if method == nil, Self.onePassKeys.contains(key) {
        throw SettingError(key, problem: "applies only to impasto stylize.")
      }
      if method == .onePass, !(Self.onePassKeys + Self.sharedKeys).contains(key) {
        throw SettingError(key, problem: "applies only to an optimization, not to one pass.")
      }
    }
  }

  private func checkNumbers() throws {
    func check<Value>(
      _ key: String, _ value: Value?, _ isValid: (Value) -> Bool, _ expected: String
    ) throws {
      guard let value, !isValid(value) else { return }
      throw SettingError(key, value: "\(value)", problem: "must be \(expected).")
    }
    let weights = [
      ("content-weight", contentWeight), ("style-weight", styleWeight), ("tv-weight", tvWeight),
    ]
    for (key, weight) in weights {
      try check(key, weight, { $0 >= 0 && $0.isFinite }, "a number of at least 0")
    }
    let factors = (styleScale ?? []).map { ("style-scale", Optional($0)) }
    for (key, value) in factors + [("learning-rate", learningRate)] {
      try check(
        key, value, { $0 > 0 && $0 <= Double(Float.greatestFiniteMagnitude) },
        "a number above 0 and at most 3e38")
    }
    for (key, value, range) in [
      ("style-size", styleSize, PixelSize.sides), ("margin", margin, TransferOptions.margins),
      ("tile", tile, PixelSize.sides),
    ] {
      try check(
        key, value, range.contains, "between \(range.lowerBound) and \(range.upperBound) pixels")
    }
    try check(
      "recipe-version", version, (1...Self.currentVersion).contains,
      "at most \(Self.currentVersion), or it needs a newer Impasto")
    try check("iterations", iterations, { $0 >= 1 }, "at least 1")
    try check("scales", scales, { $0 >= 1 }, "at least 1")
    try check("seed", seed, { $0 >= 0 }, "at least 0")
    try check("strength", strength, (0...1).contains, "between 0 and 1")
    try check("noise-ratio", noiseRatio, (0...1).contains, "between 0 and 1")
    try check("jpeg-quality", jpegQuality, (1...100).contains, "between 1 and 100")
    try check("bit-depth", bitDepth, [8, 16, 32].contains, "8, 16 or 32")
  }

  private func checkChoices() throws {
    if contentWeight == 0, styleWeight == 0, tvWeight == 0 {
      throw SettingError(
        ["content-weight", "style-weight", "tv-weight"], problem: "must not be all 0.")
    }
    for pair in [["style-size", "style-scale"], ["quality", "iterations"]]
    where pair.allSatisfy({ Self.setting($0)!.value(self) != nil }) {
      throw SettingError(pair, problem: "cannot be combined.")
    }
    let most = iterations ?? (quality ?? TransferOptions().quality).iterations
    if let scales, scales > most {
      throw SettingError(
        "scales", value: "\(scales)", problem: "there are only \(most) iterations for them.")
    }
    if learningRate != nil, (optimizer ?? .lbfgs) == .lbfgs {
      throw SettingError(
        "learning-rate",
        problem: "the optimizer lbfgs has none, its line search finds the step; choose adam.")
    }
    if noiseRatio != nil, start != "blend" {
      throw SettingError(["noise-ratio", "init"], problem: "a ratio applies only to a blend.")
    }
    if case .exactly? = size, content != nil {
      throw SettingError(
        "size", value: "\(size!)", problem: "a photo keeps its shape; give the longer side alone.")
    }
  }

  private func checkStyles() throws {
    let styles = style?.count ?? 0
    if let blend = styleBlend {
      let text = blend.map(SettingValue.text(of:)).joined(separator: ",")
      guard blend.allSatisfy({ $0 >= 0 && $0.isFinite }), blend.contains(where: { $0 > 0 }) else {
        throw SettingError(
          "style-blend", value: text,
          problem: "must be numbers of at least 0, not all 0, such as 3,7.")
      }
      guard blend.count == styles else {
        throw SettingError(
          "style-blend", value: text,
          problem: "needs one weight for each of the styles (\(styles)), not \(blend.count).")
      }
    }
    if let styleScale, ![1, styles].contains(styleScale.count) {
      throw SettingError(
        "style-scale", value: styleScale.map(SettingValue.text(of:)).joined(separator: ","),
        problem: "needs one factor for all styles, or one for each of them (\(styles)).")
    }
    if let mask {
      guard mask.count == styles else {
        throw SettingError(
          "mask",
          problem: "there are \(styles) styles and \(mask.count) masks; each style needs its own, "
            + "in the same order.")
      }
      for text in mask { _ = try MaskFiles(text) }
    }
  }
}
