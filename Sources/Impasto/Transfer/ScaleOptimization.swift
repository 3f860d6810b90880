import Engine
import Networks
import Pictures

/// The optimization of a picture at one size.
struct ScaleOptimization {
  /// The size of the picture.
  let size: PixelSize
  /// The losses of the current picture.
  var losses: Losses { iterate.detail }
  /// The objective's value for the start image.
  let startLoss: Double
  /// Evaluations of the objective so far.
  private(set) var evaluations = 1
  private let objective: any PictureObjective
  private let space: VectorSpace
  /// The clamped picture, while it is evaluated.
  private let image: FloatBuffer
  private var optimizer: any Optimizer
  private var iterate: Iterate<Losses>
  private var snapshots: Snapshots
  /// The photo, if a checkpoint needs it.
  private let keptPhoto: FloatBuffer?
  /// The share of its change that each pixel keeps, 0…1; nil without a protected part.
  private let mobility: Tensor?
  /// Whether the picture stays gray.
  private let isGray: Bool

  /// The Huber threshold of the weighted style loss, relative to the photo's weighted content
  /// energy. docs/Method.md has the measurements.
  private static let styleThreshold = 0.02

  /// Prepares the objective and evaluates the first picture.
  ///
  /// - Parameters:
  ///   - photo: the picture whose content is compared.
  ///   - isPhotoKept: whether checkpoints need the photo.
  /// - Throws: `ScratchFile.NoSpace`, the errors of the objective, and `OptimizerError.notFinite`.
  init(
    photo: Picture, isPhotoKept: Bool, styles: [StyleRegion], from beginning: Beginning,
    protected: Mask?,
    temporal: TemporalTarget?, isGray: Bool, options: TransferOptions, network: FeatureNetwork,
    workspace: Workspace
  ) throws {
    let contentLayers = try options.contentLayers ?? .defaultContent(of: network.architecture)
    let file = try Self.scratchFile(photo.size, contentLayers, options, network)
    let storage = file.map { FloatBuffer.Storage.file($0) } ?? .memory
    size = photo.size
    space = VectorSpace(count: 3 * size.pixels, workspace: workspace, archive: file)
    snapshots = Snapshots(in: storage)
    if isPhotoKept {
      let kept = FloatBuffer(count: space.count, in: storage)
      kept.pointer.update(from: photo.pixels.elements, count: space.count)
      kept.release()
      keptPhoto = kept
    } else {
      keptPhoto = nil
    }
    optimizer = options.optimizer.make(height: photo.height, width: photo.width)
    self.isGray = isGray
    mobility = protected.map { mask in
      let values = mask.values
      return Tensor(shape: values.shape, elements: values.elements.map { 1 - $0 })
    }
    let point = space.take()
    try Self.write(
      beginning, to: point, photo, styles, mobility, isGray: isGray, options,
      mean: network.preprocessing.meanColor, space)
    image = FloatBuffer(count: space.count)
    objective = try Self.objective(
      photo, styles, contentLayers, options, network, storage, workspace)
    objective.sum.temporal = temporal.map { TemporalLoss($0) }
    if case .lbfgs = options.optimizer, objective.contentEnergy > 0, options.weights.style > 0 {
      objective.styleThreshold =
        Self.styleThreshold * objective.contentEnergy / options.weights.style
    }
    let progress = beginning.checkpoint?.progress
    if let progress, let end = progress.thresholdEnd, progress.iteration > end {
      objective.styleThreshold = .infinity
    }
    iterate = try Iterate(
      point,
      Self.function(objective, image, space, mobility, isGray, isPhoto: beginning.isPhoto),
      in: space)
    startLoss = progress?.startLoss ?? iterate.detail.total
    if let checkpoint = beginning.checkpoint {
      guard let state = checkpoint.optimizer else { throw CheckpointError() }
      try optimizer.restore(state, in: space)
      evaluations = checkpoint.progress.evaluations[1]
    }
  }

  /// The file for what is only remembered: the optimizer's vectors, the pictures of steps, and the
  /// photo's features; nil to keep all in memory.
  private static func scratchFile(
    _ size: PixelSize, _ contentLayers: LayerWeights, _ options: TransferOptions,
    _ network: FeatureNetwork
  ) throws -> ScratchFile? {
    guard options.usesScratchFile else { return nil }
    let planner = try MemoryPlanner(
      options, photo: size, paintings: [], masks: 0, isGuided: false, network: network)
    return try ScratchFile(bytes: planner.fileBytes(canvas: size))
  }

  /// The objective for the whole picture, or for its tiles.
  private static func objective(
    _ photo: Picture, _ styles: [StyleRegion], _ contentLayers: LayerWeights,
    _ options: TransferOptions, _ network: FeatureNetwork, _ storage: FloatBuffer.Storage,
    _ workspace: Workspace
  ) throws -> any PictureObjective {
    if let side = options.tileSide, photo.size.longestSide > side {
      return try TiledObjective(
        photo: photo.pixels, visible: photo.visiblePart, contentLayers: contentLayers,
        style: styles, weights: options.weights, styleLoss: options.styleLoss,
        normalization: options.normalization, network: network, side: side, storage: storage,
        workspace: workspace)
    }
    return try Objective(
      photo: photo.pixels, visible: photo.visiblePart, contentLayers: contentLayers,
      style: styles, weights: options.weights, styleLoss: options.styleLoss,
      normalization: options.normalization, network: network, hasGradient: true,
      workspace: workspace)
  }

  /// Writes the picture that an optimization begins with.
  private static func write(
    _ beginning: Beginning, to point: FloatBuffer, _ photo: Picture, _ styles: [StyleRegion],
    _ mobility: Tensor?, isGray: Bool, _ options: TransferOptions, mean: SIMD3<Float>,
    _ space: VectorSpace
  ) throws {
    switch beginning {
    case .start(let start):
      try start.write(
        to: UnsafeMutableBufferPointer(start: point.pointer, count: point.count), photo: photo,
        styles: styles, mean: mean, seed: options.seed)
      if isGray { GrayPixels.replace(point, in: space) }
      if let mobility { protect(photo, from: point, mobility) }
    case .checkpoint(let checkpoint):
      guard checkpoint.point.count == space.count else { throw CheckpointError() }
      space.copy(checkpoint.point, into: point)
    }
  }

  /// Blends the photo into a start image where the picture is protected.
  private static func protect(_ photo: Picture, from start: FloatBuffer, _ mobility: Tensor) {
    for (i, value) in photo.pixels.elements.enumerated() {
      start.pointer[i] = value + mobility.elements[i / 3] * (start.pointer[i] - value)
    }
  }

  /// What an optimization begins with.
  enum Beginning {
    case start(StartImage)
    /// A state after at least one step at the same size.
    case checkpoint(TransferCheckpoint)

    var checkpoint: TransferCheckpoint? {
      if case .checkpoint(let checkpoint) = self { checkpoint } else { nil }
    }

    /// The picture whose forms a large scale keeps; nil for other starts.
    var forms: Picture? {
      switch self {
      case .start(.picture(let picture)): picture
      case .start: nil
      case .checkpoint(let checkpoint): checkpoint.forms
      }
    }

    /// Whether it is the photo itself.
    var isPhoto: Bool { if case .start(.content) = self { true } else { false } }
  }

  /// The current picture, the photo if checkpoints need it, and the optimizer's state, in the
  /// optimization's own memory.
  var state: (point: FloatBuffer, keptPhoto: FloatBuffer?, optimizer: OptimizerState) {
    (iterate.point, keptPhoto, optimizer.state)
  }

  /// Takes one step of the optimizer.
  ///
  /// - Returns: whether the optimizer found a better picture.
  mutating func step() throws -> Bool {
    let function = Self.function(objective, image, space, mobility, isGray)
    let outcome = try optimizer.step(&iterate, function, in: space)
    evaluations += outcome.evaluations
    guard outcome.moved else { return false }
    PixelRange.clamp(iterate.point, into: iterate.point, in: space)
    return true
  }

  /// Whether the Huber threshold changes the current picture's style loss.
  var isHuberized: Bool { losses.style > objective.styleThreshold }

  /// Removes the Huber threshold, so that the style loss counts in full from now on.
  mutating func liftHuberThreshold() throws {
    let wasHuberized = isHuberized
    objective.styleThreshold = .infinity
    guard wasHuberized else { return }
    let before = space.dot(iterate.gradient, iterate.gradient)
    space.giveBack(iterate.gradient)
    iterate = try Iterate(
      iterate.point, Self.function(objective, image, space, mobility, isGray), in: space)
    evaluations += 1
    let after = space.dot(iterate.gradient, iterate.gradient)
    let steepness = before > 0 ? (after / before).squareRoot() : 1
    optimizer.functionChanges(steepness: steepness, in: space)
  }

  /// The function that the optimizer minimizes: the objective of the clamped picture.
  ///
  /// - Parameter isPhoto: whether the point is the photo, and the objective was not evaluated yet.
  private static func function(
    _ objective: any PictureObjective, _ image: FloatBuffer, _ space: VectorSpace,
    _ mobility: Tensor?,
    _ isGray: Bool, isPhoto: Bool = false
  ) -> DifferentiableFunction<Losses> {
    { point, gradient in
      PixelRange.clamp(point, into: image, in: space)
      let losses = try objective.evaluate(
        image.pointer, gradient: gradient.pointer, isPhoto: isPhoto)
      if isGray { GrayPixels.replace(gradient, in: space) }
      PixelRange.project(gradient, at: point, in: space)
      if let mobility { restrict(gradient, to: mobility, in: space) }
      return (objective.minimized(losses), losses)
    }
  }

  /// Scales down a gradient where the picture is protected.
  private static func restrict(
    _ gradient: FloatBuffer, to mobility: Tensor, in space: VectorSpace
  ) {
    let gradient = gradient.pointer
    mobility.elements.withUnsafeBufferPointer { mobility in
      let mobility = mobility.baseAddress!
      space.forRanges { for i in $0 { gradient[i] *= mobility[i / 3] } }
    }
  }

  /// The current picture.
  var picture: Picture {
    Picture(
      pixels: Tensor(shape: [size.height, size.width, 3], elements: iterate.point.elements))
  }

  /// A copy of the current picture's pixels, which stays unchanged as long as it is referenced.
  mutating func snapshot() -> FloatBuffer {
    snapshots.take(of: iterate.point, in: space)
  }
}
