import Foundation
import Impasto

/// A setting that makes no sense.
public struct RecipeError: Error, Sendable, CustomStringConvertible {
  /// One sentence that names the setting.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// How settings are called in messages.
public enum SettingNaming: Sendable {
  /// As on the command line, `--style-weight`.
  case options
  /// As in a file, `style-weight`.
  case keys

  func callAsFunction(_ key: String) -> String { self == .options ? "--\(key)" : key }
}

extension Recipe {
  /// Checks all that can be told without opening a file.
  ///
  /// - Throws: `RecipeError`, whose sentence begins with the setting.
  public func check(_ name: SettingNaming = .keys) throws {
    try checkNumbers(name)
    try checkChoices(name)
    try checkStyles(name)
  }

  private func checkNumbers(_ name: SettingNaming) throws {
    func check<Value>(_ key: String, _ value: Value?, _ isFine: (Value) -> Bool, _ wanted: String)
      throws
    {
      guard let value, !isFine(value) else { return }
      throw RecipeError("\(name(key)) \(value): has to be \(wanted).")
    }
    let weights = [
      ("content-weight", contentWeight), ("style-weight", styleWeight), ("tv-weight", tvWeight),
    ]
    for (key, weight) in weights {
      try check(key, weight, { $0 >= 0 && $0.isFinite }, "a number of at least 0")
    }
    for (key, value) in [("style-scale", styleScale), ("learning-rate", learningRate)] {
      try check(
        key, value, { $0 > 0 && $0 <= Double(Float.greatestFiniteMagnitude) },
        "a number above 0, and no larger than 3e38")
    }
    let sides = PixelSize.sides
    try check(
      "style-size", styleSize, sides.contains,
      "between \(sides.lowerBound) and \(sides.upperBound) pixels")
    let margins = TransferOptions.margins
    try check(
      "margin", margin, margins.contains,
      "between \(margins.lowerBound) and \(margins.upperBound) pixels")
    try check("iterations", iterations, { $0 >= 1 }, "at least 1")
    try check("scales", scales, { $0 >= 1 }, "at least 1")
    try check("seed", seed, { $0 >= 0 }, "at least 0")
    try check("noise-ratio", noiseRatio, (0...1).contains, "between 0 and 1")
    try check("jpeg-quality", jpegQuality, (1...100).contains, "between 1 and 100")
    try check("bit-depth", bitDepth, [8, 16].contains, "8 or 16")
  }

  private func checkChoices(_ name: SettingNaming) throws {
    if contentWeight == 0, styleWeight == 0, tvWeight == 0 {
      throw RecipeError(
        "\(name("content-weight")), \(name("style-weight")) and \(name("tv-weight")) are all 0: "
          + "nothing is left to do.")
    }
    for (one, other) in [("style-size", "style-scale"), ("quality", "iterations")]
    where Self.setting(one)!.value(self) != nil && Self.setting(other)!.value(self) != nil {
      throw RecipeError("\(name(one)) and \(name(other)): give one of them.")
    }
    let most = iterations ?? (quality ?? .standard).iterations
    if let scales, scales > most {
      throw RecipeError("\(name("scales")) \(scales): there are only \(most) iterations for them.")
    }
    if learningRate != nil, (optimizer ?? .lbfgs) == .lbfgs {
      throw RecipeError(
        "\(name("learning-rate")): lbfgs has none, its line search finds the step; use "
          + "\(name("optimizer")) adam.")
    }
    if noiseRatio != nil, start != "blend" {
      throw RecipeError("\(name("noise-ratio")): only \(name("init")) blend uses it.")
    }
    if case .exactly? = size, content != nil {
      throw RecipeError(
        "\(name("size")) \(size!): a photo keeps its shape; give the longer side alone.")
    }
  }

  private func checkStyles(_ name: SettingNaming) throws {
    let styles = style?.count ?? 0
    if let blend = styleBlend {
      let text = blend.map(SettingValue.text(of:)).joined(separator: ",")
      guard blend.allSatisfy({ $0 >= 0 && $0.isFinite }), blend.contains(where: { $0 > 0 }) else {
        throw RecipeError(
          "\(name("style-blend")) \(text): has to be numbers of at least 0, not all 0, such as 3,7."
        )
      }
      guard blend.count == styles else {
        throw RecipeError(
          "\(name("style-blend")) \(text): there are \(styles) styles, not \(blend.count).")
      }
    }
    if let mask {
      guard mask.count == styles else {
        throw RecipeError(
          "\(name("mask")): there are \(styles) styles and \(mask.count) masks; each style needs "
            + "its own, in their order.")
      }
      for text in mask { _ = try MaskFiles(text, name) }
    }
  }
}

/// The files of `photo-mask.png:painting-mask.png`.
struct MaskFiles {
  /// Nil for all of the photo.
  let photo: String?
  /// Nil for all of the painting.
  let painting: String?

  init(_ text: String, _ name: SettingNaming) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else {
      throw RecipeError(
        "\(name("mask")) \(text): has to be photo-mask.png:painting-mask.png, of which one may "
          + "be left out.")
    }
    photo = parts[0].isEmpty ? nil : parts[0]
    painting = parts.count == 2 && !parts[1].isEmpty ? parts[1] : nil
  }
}
