import Engine
import Files
import NetworkStore
import Networks
import Pictures

/// A transfer that repaints a photo in the style of paintings: Gatys, Ecker and Bethge (2015),
/// "A Neural Algorithm of Artistic Style".
///
///     let transfer = try StyleTransfer(
///       content: photo, styles: [painting], options: .init(longestSide: 512))
///     for try await step in transfer.steps() {
///       print(step.iteration, step.losses.total)
///     }
///
/// Nothing is computed before the first step is requested.
public struct StyleTransfer: Sendable {
  /// The settings.
  public let options: TransferOptions
  /// The number of sizes at which the picture is optimized.
  public let scales: Int
  /// The part of the photo that stays unchanged.
  public let protected: Mask?
  let network: FeatureNetwork
  /// The styles with their paintings at the size for the full scale.
  let styles: [Style]
  /// The photo at the size of the result.
  public let content: Picture
  /// The picture that is repainted: the photo, in gray for a luminance transfer.
  private let original: Picture
  /// Whether the picture stays gray while it is painted, because it and the paintings are gray.
  let isGray: Bool
  /// The sizes of the photo, the coarsest first.
  let sizes: [PixelSize]
  private let layers: [Layer]

  /// Sets up a transfer from one or several paintings.
  ///
  /// - Parameters:
  ///   - content: the photo.
  ///   - styles: at least one painting, unless the style weight is 0.
  ///   - protected: the part of the photo that stays unchanged, in the photo's shape.
  ///   - network: nil for ``defaultNetwork``.
  /// - Throws: `SettingError`, `PictureError`, `NetworkError.pictureTooSmall` and
  ///   `.pictureTooLarge`, and `ResourcesError` or `ModelFileError` if the network cannot be read.
  public init(
    content: Picture, styles: [Style], protected: Mask? = nil,
    options: TransferOptions = TransferOptions(), network: FeatureNetwork? = nil
  ) throws {
    let network = try network ?? FeatureNetwork(Self.defaultNetwork)
    let photo = try Self.fitted(content, options)
    var styles = try styles.map {
      try $0.resized(
        to: ($0.size ?? options.styleSize).size(of: $0.painting.size, photo: photo.size))
    }
    if let method = options.color {
      styles = try styles.map { try $0.recolored(like: photo, method) }
    }
    let scales = options.scales(
      photo: photo.size,
      paintings: styles.map { ($0.painting.size, $0.size ?? options.styleSize) })
    try Self.check(options, photo, styles, scales: scales, network)
    var options = options
    if options.start == .style {
      options.start = .picture(try styles[0].painting.covering(photo.size))
    }
    self.protected = try protected?.resized(to: photo.size)
    let isPaintedInGray = photo.isGray || options.color == .luminance
    isGray = isPaintedInGray && styles.allSatisfy { $0.weight == 0 || $0.isGray }
    original = isGray ? photo.gray : photo
    self.content = photo.isGray ? original : photo
    sizes = ScalePlan.sizes(of: photo.size, scales: scales)
    layers = options.usedLayers(
      content: try options.contentLayers ?? .defaultContent(of: network.architecture),
      style: try options.styleLayers ?? .defaultStyle(of: network.architecture))
    self.options = options
    self.styles = styles
    self.scales = scales
    self.network = network
  }

  /// Sets up a transfer from whole paintings.
  ///
  /// - Parameter styleWeights: the weight of each painting; nil for equal weights.
  /// - Throws: the errors of ``init(content:styles:protected:options:network:)``.
  public init(
    content: Picture, styles: [Picture], styleWeights: [Double]? = nil,
    options: TransferOptions = TransferOptions(), network: FeatureNetwork? = nil
  ) throws {
    let weights = styleWeights ?? styles.map { _ in 1 }
    guard weights.count == styles.count else {
      throw SettingError(
        "style-blend",
        problem: "needs one weight for each of the styles (\(styles.count)), not \(weights.count).")
    }
    try self.init(
      content: content, styles: zip(styles, weights).map { Style($0, weight: $1) },
      options: options, network: network)
  }

  /// The default network: ``/Networks/Model/standard``, with maximum pooling, and replicated pixels instead of
  /// zeros around the picture.
  public static let defaultNetwork = NetworkConfiguration(pooling: .max, padding: .replicate)

  private static func check(
    _ options: TransferOptions, _ photo: Picture, _ styles: [Style], scales: Int,
    _ network: FeatureNetwork
  ) throws {
    let architecture = network.architecture
    let isStyled = options.weights.style > 0
    guard !styles.isEmpty || (!isStyled && ![.recolored, .style].contains(options.start)) else {
      throw SettingError("style", problem: "a transfer needs at least one style.")
    }
    guard styles.allSatisfy({ $0.weight >= 0 && $0.weight.isFinite }),
      styles.isEmpty || styles.contains(where: { $0.weight > 0 })
    else {
      throw SettingError(
        "style-blend",
        problem: "weights must be at least 0, and at least one must be greater than 0.")
    }
    guard (options.iterations ?? options.quality.iterations) >= scales, scales >= 1 else {
      throw SettingError(
        "scales", value: "\(scales)",
        problem: "must be at least 1, with an iteration for each scale.")
    }
    guard options.threads.map({ $0 >= 1 }) ?? true else {
      throw SettingError("threads", problem: "must be at least 1.")
    }
    let margins = TransferOptions.margins
    guard margins.contains(options.margin) else {
      throw SettingError(
        "margin", value: "\(options.margin)",
        problem: "must be between \(margins.lowerBound) and \(margins.upperBound) pixels.")
    }
    let content = try options.contentLayers ?? .defaultContent(of: architecture)
    let style = try options.styleLayers ?? .defaultStyle(of: architecture)
    do {
      try options.checkSizes(
        photo: photo.size, paintings: styles.map(\.painting.size), scales: scales,
        contentLayers: content, styleLayers: style, architecture: architecture)
    } catch {
      throw error.cause
    }
    try options.checkTiles(contentLayers: content, styleLayers: style, network: network)
    if options.tileSide == nil {
      try architecture.checkMemory(
        width: photo.width, height: photo.height,
        for: options.usedLayers(content: content, style: style))
    }
  }

  private static func fitted(_ photo: Picture, _ options: TransferOptions) throws -> Picture {
    guard let side = options.longestSide else { return photo }
    return try photo.resized(to: photo.size.fitted(within: side))
  }

  /// The margins of a scale, by its index.
  func margins(ofScale index: Int) -> Margins {
    options.margins(around: sizes[index], layers: layers)
  }

  /// Whether a scale keeps the forms of the scale before it.
  func keepsForms(ofScale index: Int) -> Bool { ScalePlan.keepsForms(index, of: sizes) }

  /// The maximum number of optimizer steps at each scale.
  package var iterations: [Int] { options.iterations(sizes: sizes) }

  /// The picture that a scale starts from, with its margins.
  func canvas(ofScale index: Int) throws -> Picture {
    try original.resized(to: sizes[index]).extended(by: margins(ofScale: index))
  }

  /// The size of a scale's canvas.
  func canvasSize(ofScale index: Int) -> PixelSize {
    sizes[index].extended(by: margins(ofScale: index))
  }

  /// A mask of the photo for the canvas of a scale.
  func mask(_ mask: Mask, ofScale index: Int) throws -> Mask {
    try mask.resized(to: sizes[index]).extended(by: margins(ofScale: index))
  }

  /// Converts a state of a scale's canvas into a result: without the margins, and with the photo's
  /// size, colors, protected part and transparency.
  func shown(_ picture: Picture, scale index: Int) throws -> Picture {
    let margins = margins(ofScale: index)
    var shown = picture.cropped(by: margins)
    if sizes[index] == original.size || keepsForms(ofScale: scales - 1) {
      shown = try shown.resized(to: original.size).withAlpha(original.alpha)
    } else {
      shown = try original.changed(
        as: shown, from: canvas(ofScale: index).cropped(by: margins))
    }
    if isGray { shown = shown.gray }
    if options.color == .luminance { shown = shown.withChroma(of: content) }
    if let protected { shown = shown.replaced(by: content, where: protected) }
    return shown
  }

  /// The optimization as a sequence of the picture after each iteration.
  ///
  /// An element is computed when it is requested, outside of Swift's thread pool.
  ///
  /// - Parameter checkpoint: the state to continue from; nil to begin with the start image.
  public func steps(from checkpoint: TransferCheckpoint? = nil) -> TransferSteps {
    TransferSteps(transfer: self, checkpoint: checkpoint)
  }

  /// Runs all iterations.
  ///
  /// - Returns: the last step. If the task is canceled, its status is `cancelled`.
  /// - Throws: the errors of ``TransferSteps``.
  public func run() async throws -> TransferStep {
    var last: TransferStep?
    for try await step in steps() { last = step }
    return last!
  }
}
