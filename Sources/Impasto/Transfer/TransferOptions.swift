import Foundation
import Networks
import Pictures

/// The settings of a transfer; the defaults were chosen by looking at pictures.
public struct TransferOptions: Sendable {
  /// The photo is shrunk so that its longer side is at most this many pixels; nil keeps its size.
  public var longestSide: Int?
  /// How large paintings are looked at.
  public var styleSize: StyleSize
  /// nil: conv4_2.
  public var contentLayers: LayerWeights?
  /// nil: conv1_1 to conv5_1.
  public var styleLayers: LayerWeights?
  /// The weights of the losses, in the units of `normalization`.
  public var weights: Objective.Weights
  /// What the sums in the losses are divided by.
  public var normalization: Normalization
  /// How the objective is minimised.
  public var optimizer: OptimizerChoice
  /// Steps of the optimiser, at least 1.
  public var iterations: Int
  /// Where the optimisation starts.
  public var start: StartImage
  /// What random starts are made from.
  public var seed: UInt64
  /// Whether the result keeps the photo's colours and takes only the luminance.
  public var preservesColor: Bool

  /// Makes settings; each has its default.
  public init(
    longestSide: Int? = 512, styleSize: StyleSize = .relative(1),
    contentLayers: LayerWeights? = nil,
    styleLayers: LayerWeights? = nil, weights: Objective.Weights = .standard,
    normalization: Normalization = .perPosition, optimizer: OptimizerChoice = .lbfgs(),
    iterations: Int = 150,
    start: StartImage = .content, seed: UInt64 = 0, preservesColor: Bool = false
  ) {
    self.longestSide = longestSide
    self.styleSize = styleSize
    self.contentLayers = contentLayers
    self.styleLayers = styleLayers
    self.weights = weights
    self.normalization = normalization
    self.optimizer = optimizer
    self.iterations = iterations
    self.start = start
    self.seed = seed
    self.preservesColor = preservesColor
  }
}

extension TransferOptions {
  /// Checks that a photo can be worked on in a size, which a transfer does itself; to
  /// be called before a picture is decoded in a size that somebody asked for.
  ///
  /// - Throws: `NetworkError.pictureTooSmall` where pooling would leave nothing, and
  ///   `OptionError` where the feature maps alone are larger than the memory.
  public func checkSize(_ size: PixelSize, network: FeatureNetwork) throws {
    let architecture = network.architecture
    let contentLayers = try self.contentLayers ?? .defaultContent(of: architecture)
    let styleLayers = try self.styleLayers ?? .defaultStyle(of: architecture)
    let taps = Set((contentLayers.shares + styleLayers.shares).map(\.layer))
    try architecture.checkSize(width: size.width, height: size.height, for: taps)
    let needed = FeatureExtractor.bytes(
      architecture: architecture, height: size.height, width: size.width, taps: taps)
    let available = Double(ProcessInfo.processInfo.physicalMemory)
    guard needed > available else { return }
    throw OptionError(
      "a picture of \(size) pixels needs about \(Int(needed / 1e9)) GB of memory, and this machine has "
        + "\(Int(available / 1e9)) GB; choose a smaller size.")
  }
}

extension Objective.Weights {
  /// The default, for the normalisation per position.
  public static let standard = Objective.Weights(content: 1, style: 100, totalVariation: 10_000)
}
