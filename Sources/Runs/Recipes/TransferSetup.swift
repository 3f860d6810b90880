import Impasto
import Pictures

/// What a recipe means for the sizes of its files.
struct TransferSetup {
  /// With its defaults.
  let recipe: Recipe
  let files: RecipeInputs
  let network: FeatureNetwork
  let threads: Int?
  let naming: SettingNaming

  /// The size of the result.
  var size: PixelSize { recipe.resultSize(of: (files.photo ?? files.paintings[0]).size) }

  /// The sizes that the paintings are looked at in.
  var styleSizes: [PixelSize] {
    files.paintings.map { styleSize.size(of: $0.size, photo: size) }
  }

  private var styleSize: StyleSize {
    recipe.styleSize.map { .longestSide($0) } ?? .relative(recipe.styleScale ?? 1)
  }

  /// The transfer.
  ///
  /// - Throws: `RecipeError` for a setting, `OptionError` for a file that is too small or large.
  func transfer() throws -> StyleTransfer {
    var options = try options()
    // Before anything is decoded in a size that somebody asked for.
    try checkSizes(options)
    options.start = try start()
    let masks = files.masks.isEmpty ? files.paintings.map { _ in (nil, nil) } : files.masks
    let weights = recipe.styleBlend ?? []
    let styles = try files.paintings.indices.map { i in
      Style(
        try files.paintings[i].decoded(styleSizes[i]), weight: weights[i],
        photoMask: try masks[i].photo.map { Mask(try $0.decoded(size)) },
        paintingMask: try masks[i].painting.map { Mask(try $0.decoded(styleSizes[i])) })
    }
    return try StyleTransfer(
      content: photo(), styles: styles,
      protected: files.protected.map { Mask(try $0.decoded(size)) }, options: options,
      network: network)
  }

  /// The photo, or the canvas of a texture.
  private func photo() throws -> Picture {
    if let photo = files.photo { return try photo.decoded(size) }
    let mean = network.preprocessing.meanColor
    return Picture(
      pixels: Tensor(
        shape: [size.height, size.width, 3],
        elements: (0..<3 * size.width * size.height).map { mean[$0 % 3] }))
  }

  private func options() throws -> TransferOptions {
    var options = TransferOptions(
      longestSide: nil, styleSize: styleSize,
      contentLayers: try layers("content-layers", recipe.contentLayers!),
      styleLayers: try layers("style-layers", recipe.styleLayers!),
      weights: .init(
        content: recipe.contentWeight!, style: recipe.styleWeight!,
        totalVariation: recipe.tvWeight!),
      normalization: recipe.normalization!, optimizer: optimizer,
      quality: recipe.quality ?? .standard, iterations: recipe.iterations, scales: recipe.scales,
      margin: recipe.margin!, seed: UInt64(recipe.seed!), color: recipe.color!.method,
      threads: threads)
    // A texture grows from coarse to fine as well as a photo does: nothing is lost on the way.
    if files.photo == nil, recipe.scales == nil {
      options.scales = min(
        options.mostIterations, ScalePlan.scales(photo: size, paintings: styleSizes))
    }
    return options
  }

  private func layers(_ key: String, _ list: String) throws -> LayerWeights {
    do {
      return try LayerWeights(parsing: list, architecture: network.architecture)
    } catch {
      throw RecipeError("\(naming(key)): \(error)")
    }
  }

  private var optimizer: OptimizerChoice {
    switch recipe.optimizer! {
    case .lbfgs: .lbfgs()
    case .adam: .adam(learningRate: Float(recipe.learningRate!))
    case .gradientDescent: .gradientDescent(learningRate: Float(descentRate))
    }
  }

  private var descentRate: Double {
    recipe.learningRate ?? Recipe.descentRatePerPixel * Double(size.width * size.height)
  }

  private func start() throws -> StartImage {
    switch recipe.start! {
    case "recolored": .recolored
    case "content": .content
    case "noise": .noise
    case "blend": .blend(noiseRatio: recipe.noiseRatio!)
    case "style": .style
    default: .picture(try files.start!.decoded(size))
    }
  }

  private func checkSizes(_ options: TransferOptions) throws {
    let style = options.styleLayers!.shares
    let own = (recipe.styleWeight! > 0 ? style : []) + options.contentLayers!.shares
    try checkSize(size, own)
    do {
      try checkSize(ScalePlan.sizes(of: size, scales: options.scales ?? 1)[0], own)
    } catch let error as NetworkError {
      throw OptionError("\(naming("scales")) \(options.scales!) is too many: \(error)")
    }
    for (painting, size) in zip(files.paintings, styleSizes) {
      do {
        try checkSize(size, style)
      } catch let error as NetworkError {
        throw RecipeError("\(naming("style")) \(painting.path): \(error)")
      }
    }
  }

  private func checkSize(_ size: PixelSize, _ shares: [LayerWeights.Share]) throws {
    try network.architecture.checkSize(
      width: size.width, height: size.height, for: shares.map(\.layer))
  }

  /// The recipe with what was found out.
  func resolved(scales: Int) -> Recipe {
    var recipe = recipe
    recipe.size = files.photo == nil ? .exactly(size) : .longestSide(size.longestSide)
    recipe.scales = scales
    if recipe.optimizer == .gradientDescent { recipe.learningRate = descentRate }
    return recipe
  }
}
