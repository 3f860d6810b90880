import Networks
import Pictures
import Tensors

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
  /// The settings.
  public let options: TransferOptions
  /// The sizes that it goes through.
  public let scales: Int
  let network: FeatureNetwork
  let style: Style
  /// The photo in full size with its margin.
  private let canvas: Picture
  private let alpha: Tensor?

  /// The photo in the size that it is worked on in.
  public var content: Picture {
    Picture(pixels: canvas.cropped(by: options.margin).pixels, alpha: alpha)
  }

  /// The photo in another size, with a margin as wide as in full size.
  func canvas(of size: PixelSize) throws -> Picture {
    guard size.extended(by: options.margin) != canvas.size else { return canvas }
    return try content.resized(to: size).extended(by: options.margin)
  }

  /// The sizes of the photo, the coarse ones first.
  var sizes: [PixelSize] {
    ScalePlan.sizes(of: canvas.size.extended(by: -options.margin), scales: scales)
  }

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
    try self.init(
      photo, style: .paintings(paintings, layers), options: options,
      scales: options.scales(photo: photo.size, paintings: paintings.map(\.0.size)),
      network: network)
  }

  /// Sets up a transfer to a style that was prepared before, so that many photos
  /// share it; it brings its own layers.
  ///
  /// - Parameter style: one target for each scale, the coarse ones first.
  /// - Throws: `OptionError`, `PictureError`, `NetworkError.pictureTooSmall` and `.pictureTooLarge`.
  public init(
    content: Picture, style: [StyleTarget], options: TransferOptions = TransferOptions(),
    network: FeatureNetwork
  ) throws {
    let scales = options.scales ?? style.count
    guard style.count == scales, scales >= 1 else {
      throw OptionError("\(style.count) style targets are given for \(scales) scales.")
    }
    var options = options
    options.styleLayers = style[0].layers
    try self.init(
      Self.fitted(content, options), style: .targets(style), options: options, scales: scales,
      network: network)
  }

  private init(
    _ photo: Picture, style: Style, options: TransferOptions, scales: Int, network: FeatureNetwork
  ) throws {
    guard options.mostIterations >= scales, scales >= 1 else {
      throw OptionError("a transfer needs at least one scale, and one iteration for each.")
    }
    guard options.threads.map({ $0 >= 1 }) ?? true else {
      throw OptionError("a transfer needs at least one thread.")
    }
    let architecture = network.architecture
    let layers =
      try (options.contentLayers ?? .defaultContent(of: architecture)).shares
      + (options.styleLayers ?? .defaultStyle(of: architecture)).shares
    guard TransferOptions.margins.contains(options.margin) else {
      throw OptionError(
        "a margin of \(options.margin) pixels: has to be between \(TransferOptions.margins.lowerBound) and \(TransferOptions.margins.upperBound)."
      )
    }
    let full = photo.size.extended(by: options.margin)
    for size in [full] + ScalePlan.sizes(of: photo.size, scales: scales).reversed() {
      try architecture.checkSize(width: size.width, height: size.height, for: layers.map(\.layer))
    }
    canvas = photo.extended(by: options.margin)
    alpha = photo.alpha
    self.options = options
    self.style = style
    self.scales = scales
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
