import Impasto

/// All settings of a transfer by their names. A nil setting takes its default.
///
/// A recipe file is TOML, with a line for each setting: `style-weight = 1000`.
public struct Recipe: Sendable, Hashable {
  /// The version of the format, which sets the defaults; nil for ``currentVersion``.
  public var version: Int?
  /// How the result is made; nil for an optimization.
  public var method: StyleMethod?
  /// The photo's file; nil for a texture, which is a style without a photo.
  public var content: String?
  /// Paintings: files, or names of shipped ones. Empty for a reconstruction of the content alone.
  public var style: [String]?
  /// The part of each style in the blend.
  public var styleBlend: [Double]?
  /// `photo-mask.png:painting-mask.png` for each style; either side may be empty.
  public var mask: [String]?
  /// The path of a gray picture, white where the photo stays unchanged.
  public var protect: String?
  /// The size of the result.
  public var size: ResultSize?
  /// The painting's longer side in pixels.
  public var styleSize: Int?
  /// The painting's longer side as a multiple of the photo's: one for all styles, or one for each.
  public var styleScale: [Double]?

  /// The weight of the content loss.
  public var contentWeight: Double?
  /// The weight of the style loss.
  public var styleWeight: Double?
  /// The weight of the total variation.
  public var tvWeight: Double?
  /// The distance of the picture's features from the painting's.
  public var styleLoss: StyleLoss?
  /// The divisors of the sums in the losses.
  public var normalization: Normalization?
  /// The style layers with weights, such as `conv1_1:2,conv3_1`.
  public var styleLayers: String?
  /// The content layers with weights, in the same form.
  public var contentLayers: String?

  /// The file of a one-pass network; nil for a shipped one.
  public var network: String?
  /// The strength of a one-pass style, 0 for the photo to 1.
  public var strength: Double?

  /// A model's name, or a file of weights.
  public var model: String?
  /// The model's preprocessing, if it cannot be detected from the file.
  public var preprocessing: InputConvention.Name?
  /// Average or max pooling.
  public var pooling: Pooling?
  /// The values that the first layer reads outside of the picture.
  public var padding: Padding?
  /// The precision of the network's convolutions.
  public var precision: Precision?

  /// The optimizer.
  public var optimizer: OptimizerName?
  /// The quality, which sets the number of steps.
  public var quality: Quality?
  /// A fixed number of steps, which replaces the quality.
  public var iterations: Int?
  /// The number of sizes that the picture goes through.
  public var scales: Int?
  /// The width of the mirrored margin in pixels.
  public var margin: Int?
  /// The most rows and columns of a tile; nil for pictures as a whole where they fit in memory.
  public var tile: Int?
  /// The step size of Adam and gradient descent, for pixels 0…1.
  public var learningRate: Double?
  /// The start: `recolored`, `content`, `noise`, `blend`, `style`, or a picture's file.
  public var start: String?
  /// The part of noise in a blended start.
  public var noiseRatio: Double?
  /// The seed of the noise.
  public var seed: Int?

  /// How the photo's colors are kept.
  public var color: ColorChoice?
  /// How the painting gets the photo's colors before a one-pass network sees it.
  public var colorBefore: ColorChoice?
  /// The quality of JPEG, WebP, AVIF and JPEG XL files.
  public var jpegQuality: Int?
  /// The bits per channel.
  public var bitDepth: Int?

  /// Makes a recipe without settings.
  public init() {}

  /// The recipe with the settings of another one on top.
  public func overridden(by other: Recipe) -> Recipe {
    var result = self
    for setting in Self.settings where setting.value(other) != nil {
      for key in setting.displaces { Self.setting(key)!.clear(&result) }
    }
    for setting in Self.settings { setting.copy(other, &result) }
    return result
  }

  /// The settings that are not nil, in order.
  public var values: [(key: String, value: SettingValue)] {
    Self.settings.compactMap { setting in setting.value(self).map { (setting.key, $0) } }
  }
}

/// The size of a result.
public enum ResultSize: Sendable, Hashable, CustomStringConvertible {
  /// The photo's own.
  case original
  /// The longer side in pixels; the photo's shape.
  case longestSide(Int)
  /// Both sides, for a texture.
  case exactly(PixelSize)

  /// Reads `original`, `512` or `640x480`.
  public init?(_ text: String) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard text == "original" || sides.allSatisfy(PixelSize.sides.contains) else { return nil }
    switch (text, sides.count) {
    case ("original", _): self = .original
    case (_, 1): self = .longestSide(sides[0])
    case (_, 2): self = .exactly(PixelSize(width: sides[0], height: sides[1]))
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .original: "original"
    case .longestSide(let side): "\(side)"
    case .exactly(let size): "\(size)"
    }
  }
}

/// The ways to repaint a photo.
public enum StyleMethod: String, Sendable, Hashable, CaseIterable {
  /// A network that was trained to repaint pictures; without this setting a result is optimized.
  case onePass = "one-pass"
}

/// The optimizers by name.
public enum OptimizerName: String, Sendable, Hashable, CaseIterable {
  case lbfgs, adam
  case gradientDescent = "gradient-descent"

  /// The name of a choice.
  init(_ choice: OptimizerChoice) {
    switch choice {
    case .lbfgs: self = .lbfgs
    case .adam: self = .adam
    case .gradientDescent: self = .gradientDescent
    }
  }
}

/// How the photo's colors are kept, if they are.
public enum ColorChoice: String, Sendable, Hashable, CaseIterable {
  case none, luminance, histogram, cholesky, pca

  /// The method of the transfer.
  var method: ColorMethod? { ColorMethod(rawValue: rawValue) }
}
