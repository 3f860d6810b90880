import Foundation
import Impasto
import NetworkStore

/// The settings of a training; a run with the same settings, photos and paintings gives the same bytes.
public struct TrainingOptions: Codable, Sendable, Hashable {
  /// The number of channels of the first convolution: 32 as in Johnson et al. (2016), 16 for real time.
  public var baseChannels = 32
  /// Whether the paintings become styles beside those of the network that the training starts from,
  /// whose convolutions and styles stay as they are.
  public var addsStyles = false
  /// The number of optimizer steps.
  public var steps = 2000
  /// The number of photos in a step.
  public var batch = 4
  /// The side in pixels of the parts of photos.
  public var size = 256
  /// Adam's learning rate at its highest.
  public var learningRate = 1e-3
  /// The longer side of the paintings in pixels: a larger one gives larger strokes.
  public var styleSize = 512
  /// The weight of the content loss.
  public var contentWeight = 1.0
  /// The weight of the style loss.
  public var styleWeight = 10.0
  /// The weight of total variation.
  public var tvWeight = 1.0
  /// The content layers, as in ``/Impasto/LayerWeights/init(parsing:architecture:)``.
  public var contentLayers = LayerWeights.defaultContentList
  /// The style layers.
  public var styleLayers = LayerWeights.defaultStyleList
  /// The distance of style.
  public var styleLoss = StyleLoss.gram
  /// The divisors of the losses.
  public var normalization = Normalization.relative
  /// The network that compares pictures: a name or a file.
  public var model = StyleTransfer.defaultNetwork.source
  /// The precision of the convolutions of both networks.
  public var precision: Precision {
    get { otherPrecision ?? .exact }
    set { otherPrecision = newValue == .exact ? nil : newValue }
  }
  /// A precision other than `exact`, so that checkpoints without the setting can be read.
  private var otherPrecision: Precision?
  /// The seed of the first parameters and of the choice of photos.
  public var seed = 0

  /// Makes the default settings.
  public init() {}

  /// The default settings for styles that are added to a network: there is little to train, so few
  /// steps with large moves suffice.
  public static let forAddedStyles: TrainingOptions = {
    var options = TrainingOptions()
    options.addsStyles = true
    (options.steps, options.batch, options.learningRate) = (600, 2, 0.02)
    (options.styleWeight, options.styleSize) = (5, 900)
    return options
  }()

  /// Checks the ranges of all settings.
  ///
  /// - Throws: `SettingError`.
  public func check() throws {
    func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard range.contains(value) else {
        throw SettingError(
          key, value: "\(value)",
          problem: "must be between \(range.lowerBound) and \(range.upperBound).")
      }
    }
    try check("base-channels", baseChannels, 1...256)
    try check("steps", steps, 1...10_000_000)
    try check("batch", batch, 1...256)
    try check("size", size, 32...2048)
    try check("style-size", styleSize, 32...8192)
    try check("seed", seed, 0...Int.max)
    guard size % 4 == 0 else {
      throw SettingError("size", value: "\(size)", problem: "must be a multiple of 4.")
    }
    for (key, value) in [
      ("content-weight", contentWeight), ("style-weight", styleWeight), ("tv-weight", tvWeight),
    ] where !(value >= 0 && value.isFinite) {
      throw SettingError(key, value: "\(value)", problem: "must be finite and at least 0.")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw SettingError(
        "learning-rate", value: "\(learningRate)", problem: "must be finite and more than 0.")
    }
  }

  /// The learning rate of a step, counted from 0: it rises over the first steps, because Adam's
  /// averages are of few gradients then, and falls like a cosine to a hundredth.
  func learningRate(step: Int) -> Double {
    let warmUp = min(50, max(1, steps / 10))
    guard step >= warmUp else { return learningRate * Double(step + 1) / Double(warmUp) }
    let part = Double(step - warmUp) / Double(max(1, steps - warmUp))
    return learningRate * (0.505 + 0.495 * cos(part * .pi))
  }

  /// The weights of the losses.
  var weights: Objective.Weights {
    Objective.Weights(content: contentWeight, style: styleWeight, totalVariation: tvWeight)
  }

  /// The keys and values of the settings that differ, for messages.
  public func differences(from other: TrainingOptions) -> [String] {
    zip(described, other.described).compactMap { own, other in
      own.value == other.value ? nil : "\(own.key) is \(own.value), and was \(other.value)"
    }
  }

  /// The keys and values of all settings, as text.
  package var described: [(key: String, value: String)] {
    [
      ("base-channels", "\(baseChannels)"), ("add-style", "\(addsStyles)"), ("steps", "\(steps)"),
      ("batch", "\(batch)"),
      ("size", "\(size)"), ("learning-rate", "\(learningRate)"), ("style-size", "\(styleSize)"),
      ("content-weight", "\(contentWeight)"), ("style-weight", "\(styleWeight)"),
      ("tv-weight", "\(tvWeight)"), ("content-layers", contentLayers),
      ("style-layers", styleLayers), ("style-loss", styleLoss.rawValue),
      ("normalization", normalization.rawValue), ("model", model),
      ("precision", precision.rawValue), ("seed", "\(seed)"),
    ]
  }
}

extension StyleLoss: Codable {}
extension Precision: Codable {}
extension Normalization: Codable {}
