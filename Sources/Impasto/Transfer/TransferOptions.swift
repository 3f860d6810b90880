import Networks

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
  /// full size alone. The last has half of the iterations, the others share the rest.
  public var scales: Int
  /// Where the optimisation starts.
  public var start: StartImage
  /// What random starts are made from.
  public var seed: UInt64
  /// Whether the result keeps the photo's colours and takes only the luminance.
  public var preservesColor: Bool
  /// Threads to compute on, at least 1; nil for all processors that this process may use.
  /// The result does not depend on it.
  public var threads: Int?

  /// Makes settings; each has its default.
  public init(
    longestSide: Int? = 512, styleSize: StyleSize = .relative(1),
    contentLayers: LayerWeights? = nil,
    styleLayers: LayerWeights? = nil, weights: Objective.Weights = .standard,
    normalization: Normalization = .perPosition, optimizer: OptimizerChoice = .lbfgs(),
    quality: Quality = .standard, iterations: Int? = nil, scales: Int = 1,
    start: StartImage = .recolored, seed: UInt64 = 0, preservesColor: Bool = false,
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
    self.start = start
    self.seed = seed
    self.preservesColor = preservesColor
    self.threads = threads
  }

  /// Steps of the optimiser, at most.
  public var mostIterations: Int { iterations ?? quality.iterations }

  /// When the transfer ends before; nil for never.
  var tolerance: Double? { iterations == nil ? quality.tolerance : nil }
}

extension Objective.Weights {
  /// The default, for the normalisation per position.
  public static let standard = Objective.Weights(content: 1, style: 100, totalVariation: 10_000)
}
