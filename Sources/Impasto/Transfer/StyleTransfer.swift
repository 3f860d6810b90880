import Networks
import Pictures

/// A photo to be repainted in the style of paintings: Gatys, Ecker and Bethge (2015),
/// "A Neural Algorithm of Artistic Style".
///
///     let transfer = try StyleTransfer(content: photo, styles: [painting], options: .init(longestSide: 512))
///     for try await step in transfer.steps() {
///       print(step.iteration, step.losses.total)
///     }
///
/// Nothing is computed before the first step is asked for.
public struct StyleTransfer: Sendable {
  /// The photo in the size that it is worked on in.
  public let content: Picture
  /// The settings.
  public let options: TransferOptions
  let network: FeatureNetwork
  let style: Style

  /// Paintings to look at first, in the size for the full scale, or what was taken from them
  /// before, for each scale.
  enum Style: Sendable {
    case paintings([(painting: Picture, weight: Double)], LayerWeights)
    case targets([StyleTarget])
  }

  /// Sets up a transfer from one or several paintings.
  ///
  /// - Parameters:
  ///   - content: the photo.
  ///   - styles: at least one painting.
  ///   - styleWeights: how much of each painting; nil for equal parts.
  ///   - network: nil for the network that Impasto ships, with average pooling and
  ///     no edge around the picture.
  /// - Throws: `OptionError`, `PictureError`, `NetworkError.pictureTooSmall` and
  ///   `.pictureTooLarge`, and where the shipped network is missing `ResourcesError` or `ModelFileError`.
  public init(
    content: Picture, styles: [Picture], styleWeights: [Double]? = nil,
    options: TransferOptions = TransferOptions(),
    network: FeatureNetwork? = nil
  ) throws {
    let weights = styleWeights ?? styles.map { _ in 1 }
    guard !styles.isEmpty else { throw OptionError("a transfer needs at least one style.") }
    guard weights.count == styles.count else {
      throw OptionError("\(weights.count) weights are given for \(styles.count) styles.")
    }
    let network = try network ?? .shipped(padding: .replicate)
    let photo = try Self.fitted(content, options)
    let paintings = try zip(styles, weights).map { painting, weight in
      (
        try painting.resized(to: options.styleSize.size(of: painting.size, photo: photo.size)),
        weight
      )
    }
    let layers = try options.styleLayers ?? .defaultStyle(of: network.architecture)
    try self.init(photo, style: .paintings(paintings, layers), options: options, network: network)
  }

  /// Sets up a transfer to a style that was prepared before, so that many photos
  /// share it; it brings its own layers.
  ///
  /// - Parameter style: one target for each of the options' scales, the coarse ones first.
  /// - Throws: `OptionError`, `PictureError`, `NetworkError.pictureTooSmall` and `.pictureTooLarge`.
  public init(
    content: Picture, style: [StyleTarget], options: TransferOptions = TransferOptions(),
    network: FeatureNetwork
  ) throws {
    guard style.count == options.scales else {
      throw OptionError("\(style.count) style targets are given for \(options.scales) scales.")
    }
    var options = options
    options.styleLayers = style[0].layers
    try self.init(
      Self.fitted(content, options), style: .targets(style), options: options, network: network)
  }

  private init(_ photo: Picture, style: Style, options: TransferOptions, network: FeatureNetwork)
    throws
  {
    guard options.mostIterations >= options.scales, options.scales >= 1 else {
      throw OptionError("a transfer needs at least one scale, and one iteration for each.")
    }
    guard options.threads.map({ $0 >= 1 }) ?? true else {
      throw OptionError("a transfer needs at least one thread.")
    }
    let architecture = network.architecture
    let layers =
      try (options.contentLayers ?? .defaultContent(of: architecture)).shares
      + (options.styleLayers ?? .defaultStyle(of: architecture)).shares
    for size in ScalePlan.sizes(of: photo.size, scales: options.scales).reversed() {
      try architecture.checkSize(width: size.width, height: size.height, for: layers.map(\.layer))
    }
    content = photo
    self.style = style
    self.options = options
    self.network = network
  }

  private static func fitted(_ photo: Picture, _ options: TransferOptions) throws -> Picture {
    guard let side = options.longestSide else { return photo }
    return try photo.resized(to: photo.size.fitted(within: side))
  }

  /// The optimisation as a sequence: each element is the picture after one more
  /// iteration, computed when it is asked for and away from Swift's thread pool.
  public func steps() -> TransferSteps {
    TransferSteps(transfer: self)
  }

  /// Runs all iterations.
  ///
  /// - Returns: the last step; after a cancellation it is marked as cancelled.
  /// - Throws: what ``TransferSteps`` throws.
  public func run() async throws -> TransferStep {
    var last: TransferStep?
    for try await step in steps() { last = step }
    return last!
  }
}
