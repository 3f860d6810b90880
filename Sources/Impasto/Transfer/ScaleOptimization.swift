import Engine
import Networks
import Pictures

/// The optimisation of a picture in one size.
struct ScaleOptimization {
  /// The photo in this size.
  let photo: Picture
  /// The losses of the current picture.
  private(set) var losses: Losses
  /// Evaluations of the objective so far.
  private(set) var evaluations = 1
  private let objective: Objective
  private let space: VectorSpace
  /// The picture within its range, while it is evaluated.
  private let image: FloatBuffer
  private var optimizer: any Optimizer
  private var iterate: Iterate
  private var snapshots = Snapshots()
  /// What each pixel may change, 0…1, where a part of the picture is protected.
  private let freedom: Tensor?

  /// The style loss above which it is bent, as a part of the photo's content energy, both
  /// with their weights. docs/Method.md has the measurements.
  private static let styleThreshold = 0.02

  /// Evaluates the start.
  init(
    photo: Picture, styles: [StyleRegion], start: StartImage, protected: Mask?,
    options: TransferOptions, network: FeatureNetwork, workspace: Workspace
  ) throws {
    let objective = try Objective(
      photo: photo.pixels,
      contentLayers: options.contentLayers ?? .defaultContent(of: network.architecture),
      style: styles, weights: options.weights, normalization: options.normalization,
      network: network, hasGradient: true, workspace: workspace)
    if case .lbfgs = options.optimizer, objective.contentEnergy > 0, options.weights.style > 0 {
      objective.styleThreshold =
        Self.styleThreshold * objective.contentEnergy / options.weights.style
    }
    let space = VectorSpace(count: photo.pixels.elements.count, workspace: workspace)
    let point = space.take()
    try start.write(
      to: UnsafeMutableBufferPointer(start: point.pointer, count: point.count),
      photo: photo, styles: styles, mean: network.preprocessing.meanColor,
      seed: options.seed)
    let freedom = protected.map { mask in
      let values = mask.values
      return Tensor(shape: values.shape, elements: values.elements.map { 1 - $0 })
    }
    if let freedom {
      for (i, value) in photo.pixels.elements.enumerated() {
        point.pointer[i] = value + freedom.elements[i / 3] * (point.pointer[i] - value)
      }
    }
    let image = FloatBuffer(count: point.count)
    var losses: [Losses] = []
    iterate = try Iterate(
      point,
      Self.function(
        objective, image, space, freedom, isPhoto: start == .content,
        evaluated: { losses.append($0) }),
      in: space)
    self.losses = losses[0]
    self.photo = photo
    self.objective = objective
    self.freedom = freedom
    self.space = space
    self.image = image
    optimizer = options.optimizer.make(height: photo.height, width: photo.width)
  }

  /// Takes one step of the optimiser.
  ///
  /// - Returns: false if it finds no better picture.
  mutating func step() throws -> Bool {
    var evaluated: [Losses] = []
    let function = Self.function(objective, image, space, freedom) { evaluated.append($0) }
    let outcome = try optimizer.step(&iterate, function, in: space)
    evaluations += outcome.evaluations
    guard outcome.moved else { return false }
    PixelRange.clamp(iterate.point, into: iterate.point, in: space)
    // A line search may come back to a point before its last.
    losses = evaluated.last { objective.minimized($0) == iterate.value }!
    return true
  }

  /// Whether the style loss is bent where the picture is now.
  var isBent: Bool { losses.style > objective.styleThreshold }

  /// From here on every loss counts as it is.
  mutating func straighten() throws {
    let wasBent = isBent
    objective.styleThreshold = .infinity
    guard wasBent else { return }
    let before = space.dot(iterate.gradient, iterate.gradient)
    space.giveBack(iterate.gradient)
    iterate = try Iterate(iterate.point, Self.function(objective, image, space, freedom), in: space)
    evaluations += 1
    let after = space.dot(iterate.gradient, iterate.gradient)
    let steepness = before > 0 ? (after / before).squareRoot() : 1
    optimizer.functionChanges(steepness: steepness, in: space)
  }

  /// What the optimiser minimises: the objective of the picture within its range.
  private static func function(
    _ objective: Objective, _ image: FloatBuffer, _ space: VectorSpace, _ freedom: Tensor?,
    isPhoto: Bool = false,
    evaluated: @escaping (Losses) -> Void = { _ in }
  ) -> DifferentiableFunction {
    { point, gradient in
      PixelRange.clamp(point, into: image, in: space)
      let losses =
        isPhoto
        ? objective.lossesOfPhoto(image.pointer, gradient: gradient.pointer)
        : objective.losses(image.pointer, gradient: gradient.pointer)
      PixelRange.project(gradient, at: point, in: space)
      if let freedom { restrict(gradient, to: freedom, in: space) }
      evaluated(losses)
      return objective.minimized(losses)
    }
  }

  /// Takes from a gradient what would change a protected part.
  private static func restrict(
    _ gradient: FloatBuffer, to freedom: Tensor, in space: VectorSpace
  ) {
    let gradient = gradient.pointer
    freedom.elements.withUnsafeBufferPointer { freedom in
      let freedom = freedom.baseAddress!
      space.forRanges { for i in $0 { gradient[i] *= freedom[i / 3] } }
    }
  }

  /// The current picture.
  var picture: Picture {
    Picture(pixels: Tensor(shape: photo.pixels.shape, elements: iterate.point.elements))
  }

  /// A copy of the current picture's pixels, which nobody writes to while it is held.
  mutating func snapshot() -> FloatBuffer {
    snapshots.take(of: iterate.point, in: space)
  }
}
