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
  /// How many steps the optimiser takes, and when it ends before.
  public var quality: Quality
  /// Exactly so many steps, at least 1, instead of what the quality says.
  public var iterations: Int?
  /// Sizes that the picture goes through, from coarse to fine in steps of √2; 1 for the
  /// full size alone. Each coarse one has a sixth of the iterations, or less where that would leave
  /// the full size no third.
  /// nil: what ``ScalePlan/scales(photo:paintings:)`` says for L-BFGS from the photo, 1 for
  /// anything else.
  public var scales: Int?
  /// Pixels of the photo's mirror image around it that are painted as well in every scale and
  /// cut off at its end, one of ``margins``: the network sees too little at the edge of a picture, and what is
  /// painted there looks like a frame.
  public var margin: Int
  /// Where the optimisation starts.
  public var start: StartImage
  /// What random starts are made from.
  public var seed: UInt64
  /// How the result keeps the photo's colours; nil for the painting's. `.luminance` repaints
  /// the photo in grey, from a painting in grey that is as bright, and gives the result the
  /// photo's chroma; the others recolour the painting before the transfer.
  public var color: ColorMethod?
  /// Threads to compute on, at least 1; nil for all processors that this process may use.
  /// The result does not depend on it.
  public var threads: Int?

  /// Makes settings; each has its default.
  public init(
    longestSide: Int? = 512, styleSize: StyleSize = .relative(1),
    contentLayers: LayerWeights? = nil,
    styleLayers: LayerWeights? = nil, weights: Objective.Weights = .standard,
    normalization: Normalization = .perPosition, optimizer: OptimizerChoice = .lbfgs(),
    quality: Quality = .standard, iterations: Int? = nil, scales: Int? = nil,
    margin: Int = 8,
    start: StartImage = .recolored, seed: UInt64 = 0, color: ColorMethod? = nil,
    threads: Int? = nil
  ) {
    self.longestSide = longestSide
    self.styleSize = styleSize
    self.contentLayers = contentLayers
    self.styleLayers = styleLayers
    self.weights = weights
    self.normalization = normalization
    self.optimizer = optimizer
    self.quality = quality
    self.iterations = iterations
    self.scales = scales
    self.margin = margin
    self.start = start
    self.seed = seed
    self.color = color
    self.threads = threads
  }

  /// The margins that there may be.
  public static let margins = 0...1000

  /// Steps of the optimiser, at most.
  public var mostIterations: Int { iterations ?? quality.iterations }

  /// The scales of a transfer of these sizes.
  public func scales(photo: PixelSize, paintings: [PixelSize]) -> Int {
    if let scales { return scales }
    guard case .lbfgs = optimizer, [.content, .recolored].contains(start) else { return 1 }
    return min(mostIterations, ScalePlan.scales(photo: photo, paintings: paintings))
  }

  /// When the transfer ends before; nil for never.
  var tolerance: Double? { iterations == nil ? quality.tolerance : nil }
}

extension Objective.Weights {
  /// The default, for the normalisation per position.
  public static let standard = Objective.Weights(content: 1, style: 1000, totalVariation: 10_000)
}
