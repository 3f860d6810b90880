import Foundation
import Impasto
import Pictures

/// What a recipe means for the sizes of its files.
struct TransferSetup {
  /// The recipe with its defaults.
  let recipe: Recipe
  let files: RecipeInputs
  let network: FeatureNetwork
  let threads: Int?
  /// The bytes of memory for the transfer; nil for most of what is available.
  let memory: Int?

  /// The size of the result.
  var size: PixelSize { recipe.resultSize(of: (files.photo ?? files.paintings[0]).size) }

  /// The sizes that the paintings are used at.
  var styleSizes: [PixelSize] {
    files.paintings.indices.map { styleSize($0).size(of: files.paintings[$0].size, photo: size) }
  }

  /// The paintings' sizes with the settings that they come from.
  var sizedPaintings: [ScalePlan.SizedPainting] {
    styleSizes.enumerated().map { ($1, styleSize($0)) }
  }

  private func styleSize(_ index: Int) -> StyleSize {
    let setting = styleSetting(index)
    // In version 1, all paintings shrink from the full scale on.
    guard recipe.version == 1 else { return setting }
    let size = setting.size(of: files.paintings[index].size, photo: size)
    return .longestSide(size.longestSide)
  }

  private func styleSetting(_ index: Int) -> StyleSize {
    if let side = recipe.styleSize { return .longestSide(side) }
    let scales = recipe.styleScale ?? [1]
    return .relative(scales.count == 1 ? scales[0] : scales[index])
  }

  /// The transfer.
  ///
  /// - Parameters:
  ///   - warnings: receives a sentence about each mask that hardly has an effect.
  ///   - adjust: changes the options.
  /// - Throws: `SettingError` for a setting, and `InputError` for a picture that is too small, too
  ///   large or fully transparent.
  func transfer(
    warnings: inout [String], adjust: (inout TransferOptions) -> Void = { _ in }
  ) throws -> (transfer: StyleTransfer, memory: MemoryPlan) {
    // Nothing of an absurd size is decoded.
    let plan = try memoryPlan()
    var options = try options().following(plan)
    options.start = try start()
    adjust(&options)
    let masks = files.masks.isEmpty ? files.paintings.map { _ in (nil, nil) } : files.masks
    let weights = recipe.styleBlend ?? []
    let styles = try files.paintings.indices.map { i in
      Style(
        try visible(files.paintings[i], styleSizes[i]), weight: weights[i], size: styleSize(i),
        photoMask: try masks[i].photo.map { try mask($0, size, &warnings) },
        paintingMask: try masks[i].painting.map { try paintingMask($0, styleSizes[i], &warnings) })
    }
    let protected = try files.protected.map { try mask($0, size, &warnings) }
    let photo =
      try files.photo.map { try visible($0, size) }
      ?? canvas(isGray: styles.allSatisfy(\.painting.isGray))
    return (
      try StyleTransfer(
        content: photo, styles: styles, protected: protected, options: options, network: network),
      plan
    )
  }

  /// The use of memory.
  ///
  /// - Throws: `SettingError` for a setting, and `InputError` for a picture that is too small or too
  ///   large.
  func memoryPlan() throws -> MemoryPlan {
    let options = try options()
    try checkSizes(options)
    let regions = files.masks.count { $0.photo != nil }
    let isTransparent = files.photo?.hasAlpha == true
    let masks = regions + (files.protected == nil ? 0 : 1) + (isTransparent ? 1 : 0)
    let budget = memory ?? MemoryPlanner.standardBudget
    func plan(paintings: [PixelSize]) throws -> MemoryPlan {
      try MemoryPlanner(
        options, photo: size, paintings: paintings, masks: masks,
        isGuided: regions > 0 || isTransparent, network: network
      ).plan(within: budget)
    }
    do {
      return try plan(paintings: styleSizes)
    } catch let error as MemoryPlanError {
      if (try? plan(paintings: [])) != nil { throw largestPaintingError }
      throw InputError(path: (files.photo ?? files.paintings[0]).path, cause: error)
    }
  }

  /// The error for paintings that take too much memory beside a photo that fits.
  private var largestPaintingError: SettingError {
    let sizes = styleSizes
    let largest = sizes.indices.max { sizes[$0].pixels < sizes[$1].pixels }!
    return SettingError(
      "style", value: files.paintings[largest].path,
      problem: "used at \(sizes[largest]) pixels, it needs more memory than may be used; choose a "
        + "smaller size for it.")
  }

  /// Decodes a picture that must not be fully transparent.
  private func visible(_ file: PictureFile, _ size: PixelSize) throws -> Picture {
    let picture = try file.decoded(size)
    guard picture.visiblePart?.coverage != 0 else {
      throw InputError(
        path: file.path, cause: SettingError(problem: "every pixel is transparent."))
    }
    return picture
  }

  private func mask(_ file: PictureFile, _ size: PixelSize, _ warnings: inout [String]) throws
    -> Mask
  {
    let mask = Mask(try file.decoded(size))
    if mask.coverage < Self.leastCoverage {
      let share = String(format: "%.2g", 100 * mask.coverage)
      warnings.append(
        "\(file.path): the mask covers only \(share) % of the picture; "
          + "white marks the part and black the rest.")
    }
    return mask
  }

  /// Decodes a painting's mask, without which there would be no style.
  private func paintingMask(
    _ file: PictureFile, _ size: PixelSize, _ warnings: inout [String]
  ) throws -> Mask {
    let mask = try mask(file, size, &warnings)
    guard mask.coverage > 0 else {
      throw InputError(
        path: file.path,
        cause: SettingError(problem: "the mask is black, so nothing of the painting is used."))
    }
    return mask
  }

  /// The coverage of a mask below which it hardly has an effect.
  private static let leastCoverage = 0.01

  /// The canvas of a texture.
  private func canvas(isGray: Bool) -> Picture {
    let mean = network.preprocessing.meanColor
    let canvas = Picture(
      pixels: Tensor(
        shape: [size.height, size.width, 3],
        elements: (0..<3 * size.width * size.height).map { mean[$0 % 3] }))
    return isGray ? canvas.gray : canvas
  }

  func options() throws -> TransferOptions {
    var options = TransferOptions(
      longestSide: nil,
      contentLayers: try layers("content-layers", recipe.contentLayers!),
      styleLayers: try layers("style-layers", recipe.styleLayers!),
      weights: .init(
        content: recipe.contentWeight!, style: recipe.styleWeight!,
        totalVariation: recipe.tvWeight!),
      styleLoss: recipe.styleLoss!, normalization: recipe.normalization!, optimizer: optimizer,
      iterations: recipe.iterations, scales: recipe.scales, margin: recipe.margin!,
      seed: UInt64(recipe.seed!), color: recipe.color!.method, tileSide: recipe.tile,
      threads: threads)
    if let quality = recipe.quality { options.quality = quality }
    if recipe.version == 1, recipe.scales == nil {
      options.coarsestSide = Recipe.firstCoarsestSide
    }
    // A texture has nothing to lose by growing from coarse to fine.
    if files.photo == nil, recipe.scales == nil {
      options.scales = min(
        options.iterations ?? options.quality.iterations,
        ScalePlan.scales(
          photo: size, paintings: sizedPaintings, coarsestSide: options.coarsestSide))
    }
    return options
  }

  private func layers(_ key: String, _ list: String) throws -> LayerWeights {
    do {
      return try LayerWeights(parsing: list, architecture: network.architecture)
    } catch {
      throw SettingError(key, cause: error)
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
    let rate =
      recipe.version == 1 ? Recipe.firstDescentRatePerPixel : Recipe.descentRatePerPixel
    return recipe.learningRate ?? rate * Double(size.width * size.height)
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

  /// A photo that is too small, such as a narrow panorama, with the smallest size that works.
  private func explained(_ error: NetworkError) -> any Error {
    guard case .pictureTooSmall(_, _, let layer) = error,
      let own = (files.photo ?? files.paintings.first)?.size
    else { return error }
    let least = layer.stride * own.longestSide / own.shortestSide
    let side = (max(1, least - own.longestSide / own.shortestSide)...PixelSize.sides.upperBound)
      .first {
        own.scaled(toLongestSide: $0).shortestSide >= layer.stride
      }
    return SettingError(
      "size", value: "\(size.longestSide)",
      problem: "\(error) The smallest size that works is \(side ?? least).")
  }

  /// Attributes a size that does not work to the file or setting that it comes from.
  private func checkSizes(_ options: TransferOptions) throws {
    let content = (files.photo ?? files.paintings[0]).path
    do {
      try options.checkSizes(
        photo: size, paintings: styleSizes, scales: options.scales ?? 1,
        contentLayers: options.contentLayers!, styleLayers: options.styleLayers!,
        architecture: network.architecture)
    } catch {
      switch error.part {
      case .photo: throw InputError(path: content, cause: explained(error.cause))
      case .coarsestScale:
        throw InputError(
          path: content,
          cause: SettingError("scales", value: "\(options.scales ?? 1)", cause: error.cause))
      case .painting(let index):
        throw SettingError("style", value: files.paintings[index].path, cause: error.cause)
      }
    }
  }

  /// The recipe with the settings that depend on the files.
  func resolved(_ transfer: StyleTransfer) -> Recipe {
    var recipe = recipe
    recipe.size = files.photo == nil ? .exactly(size) : .longestSide(size.longestSide)
    recipe.version = Recipe.currentVersion
    recipe.scales = transfer.scales
    recipe.tile = transfer.options.tileSide
    if recipe.optimizer == .gradientDescent { recipe.learningRate = descentRate }
    return recipe
  }
}
