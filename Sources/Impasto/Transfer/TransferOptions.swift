import Networks
import Pictures

/// The settings of a transfer; the defaults were chosen by looking at pictures.
public struct TransferOptions: Sendable {
  /// The maximum of the photo's longer side in pixels; nil to keep the photo's size.
  public var longestSide: Int?
  /// The size that paintings are used at.
  public var styleSize: StyleSize
  /// The content layers; nil for conv4_1.
  public var contentLayers: LayerWeights?
  /// The style layers; nil for conv1_1 to conv4_1.
  public var styleLayers: LayerWeights?
  /// The weights of the losses, in the units of `normalization`.
  public var weights: Objective.Weights
  /// The distance of the picture's features from the painting's.
  public var styleLoss: StyleLoss
  /// The divisors of the sums in the losses.
  public var normalization: Normalization
  /// The optimizer of the objective.
  public var optimizer: OptimizerChoice
  /// The number of steps, and the condition for an early end.
  public var quality: Quality
  /// A fixed number of steps, at least 1, which replaces the quality's.
  public var iterations: Int?
  /// The number of sizes at which the picture is optimized, from coarse to fine in steps of √2.
  ///
  /// 1 means the full size alone, and nil means ``ScalePlan/scales(photo:paintings:coarsestSide:)`` for
  /// L-BFGS from the photo and otherwise 1. ``iterations(sizes:)`` gives the steps at each size.
  public var scales: Int?
  /// The least longer side of the photo at the coarsest size, without a number of `scales`.
  package var coarsestSide = ScalePlan.coarsestSide
  /// The minimum width in pixels of a mirrored margin that is added to the photo and cut off the
  /// result; one of ``margins``.
  ///
  /// It avoids a visible frame, because the network lacks context at the edge of a picture. A margin
  /// above 0 becomes wider, with the default layers by up to 7 pixels in all, so that the deepest
  /// layer covers the photo evenly.
  public var margin: Int
  /// The start of the optimization.
  public var start: StartImage
  /// The seed of random starts.
  public var seed: UInt64
  /// The method that keeps the photo's colors; nil for the painting's colors.
  ///
  /// `.luminance` repaints the photo in gray, from a gray painting of the same brightness, and adds
  /// the photo's chroma. The other methods recolor the painting before the transfer.
  public var color: ColorMethod?
  /// What the picture of a film must stay close to; nil for a picture by itself.
  public var temporal: TemporalTarget?
  /// The most rows and columns of the tiles in which pictures are processed that are larger; nil to
  /// process each as a whole. Tiles take less memory and more time. They change the result by rounding
  /// only.
  public var tileSide: Int?
  /// Whether what the optimizer remembers is in a temporary file.
  package private(set) var usesScratchFile = false
  /// The number of threads, at least 1; nil for all available processors. It does not change the
  /// result.
  public var threads: Int?

  /// Makes settings; those that are omitted have their defaults.
  public init(
    longestSide: Int? = 512, styleSize: StyleSize = .relative(1),
    contentLayers: LayerWeights? = nil,
    styleLayers: LayerWeights? = nil, weights: Objective.Weights = .standard,
    styleLoss: StyleLoss = .wasserstein, normalization: Normalization = .relative,
    optimizer: OptimizerChoice = .lbfgs(),
    quality: Quality = .standard, iterations: Int? = nil, scales: Int? = nil,
    margin: Int = 8,
    start: StartImage = .recolored, seed: UInt64 = 0, color: ColorMethod? = nil,
    tileSide: Int? = nil, threads: Int? = nil
  ) {
    self.longestSide = longestSide
    self.styleSize = styleSize
    self.contentLayers = contentLayers
    self.styleLayers = styleLayers
    self.weights = weights
    self.styleLoss = styleLoss
    self.normalization = normalization
    self.optimizer = optimizer
    self.quality = quality
    self.iterations = iterations
    self.scales = scales
    self.margin = margin
    self.start = start
    self.seed = seed
    self.color = color
    self.tileSide = tileSide
    self.threads = threads
  }

  /// The options with a plan for the memory.
  package func following(_ plan: MemoryPlan) -> TransferOptions {
    var options = self
    options.tileSide = plan.tileSide
    options.usesScratchFile = plan.fileBytes > 0
    return options
  }

  /// The valid margins.
  public static let margins = 0...1000

  /// The layers that a transfer compares.
  func usedLayers(content: LayerWeights, style: LayerWeights) -> [Layer] {
    ((weights.style > 0 ? style.shares : []) + content.shares).map(\.layer)
  }

  /// The margins around the photo at a size.
  ///
  /// They extend it to a multiple of the stride of the deepest layer. Pooling drops the pixels
  /// beyond the last multiple, so that deep layers would not see the bottom and right edges.
  func margins(around size: PixelSize, layers: [Layer]) -> Margins {
    guard margin > 0 else { return Margins(0) }
    return Margins(
      atLeast: margin, around: size, multipleOf: layers.map(\.stride).max() ?? 1)
  }

  /// The maximum number of optimizer steps at each scale.
  ///
  /// - Parameter sizes: the sizes of all scales, the coarsest first.
  public func iterations(sizes: [PixelSize]) -> [Int] {
    iterations.map { ScalePlan.iterations($0, scales: sizes.count) }
      ?? ScalePlan.iterations(quality, sizes: sizes)
  }

  /// The number of scales of a transfer between pictures of these sizes.
  public func scales(photo: PixelSize, paintings: [ScalePlan.SizedPainting]) -> Int {
    if let scales { return scales }
    guard case .lbfgs = optimizer, [.content, .recolored].contains(start) else { return 1 }
    return min(
      iterations ?? quality.iterations,
      ScalePlan.scales(photo: photo, paintings: paintings, coarsestSide: coarsestSide))
  }

  /// The tolerance of an early end; nil for no early end.
  var tolerance: Double? { iterations == nil ? quality.tolerance : nil }
}

extension Objective.Weights {
  /// The default weights, for the relative normalization.
  public static let standard = Objective.Weights(content: 1, style: 100, totalVariation: 1)
}
