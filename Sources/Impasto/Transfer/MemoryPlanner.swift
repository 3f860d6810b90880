import Engine
import Networks
import Pictures

/// Computes the memory of a transfer, and finds a way to save some where that is necessary.
package struct MemoryPlanner {
  /// The transfer's options. Tiles that they set are kept.
  let options: TransferOptions
  /// The size of the result.
  private(set) var photo: PixelSize
  /// The sizes at which the paintings are used.
  private(set) var paintings: [PixelSize]
  /// The number of masks of the photo, which are in memory beside it.
  let masks: Int
  /// Whether the style losses are those of parts of the photo.
  let isGuided: Bool
  let network: FeatureNetwork
  private let contentLayers: LayerWeights
  private let styleLayers: LayerWeights
  private let kernels: Kernels
  private let threads: Int

  /// - Throws: `NetworkError.unknownLayer` if the network ends before the default layers, and
  ///   `KernelsError` for an unknown variant of kernels in the environment.
  package init(
    _ options: TransferOptions, photo: PixelSize, paintings: [PixelSize], masks: Int,
    isGuided: Bool, network: FeatureNetwork
  ) throws {
    (self.options, self.photo, self.paintings) = (options, photo, paintings)
    (self.masks, self.isGuided, self.network) = (masks, isGuided, network)
    contentLayers = try options.contentLayers ?? .defaultContent(of: network.architecture)
    styleLayers = try options.styleLayers ?? .defaultStyle(of: network.architecture)
    kernels = try .chosen()
    threads = options.threads ?? ProcessorCount.available
  }

  /// The memory that a transfer may take without a limit of its own: most of what is available.
  package static var standardBudget: Int { AvailableMemory.bytes / 10 * 9 }

  /// The least side of tiles that are preferred to a temporary file.
  private static let comfortableSide = 1024
  /// The largest side of tiles. Larger ones hardly save time.
  private static let largestSide = 2048

  /// The plan that changes least within a budget: the picture as a whole, if necessary with a temporary
  /// file; then tiles, as large as possible.
  ///
  /// - Parameter budget: the bytes of memory.
  /// - Throws: `MemoryPlanError`, and `SettingError` for tiles that are too small.
  package func plan(within budget: Int) throws -> MemoryPlan {
    try options.checkTiles(
      contentLayers: contentLayers, styleLayers: styleLayers, network: network)
    if let plan = try fitting(budget) { return plan }
    let least = try plan(side: options.tileSide ?? leastSide, usesFile: true)
    throw MemoryPlanError(
      size: photo, leastBytes: least.bytes, budget: budget,
      largestSide: try largestSide(within: budget))
  }

  private func fitting(_ budget: Int) throws -> MemoryPlan? {
    if let side = options.tileSide {
      return try [false, true].lazy.map { try plan(side: side, usesFile: $0) }
        .first { $0.bytes <= budget }
    }
    for usesFile in [false, true] {
      // A map of the whole picture may be more than the machine can address.
      if let whole = try? plan(side: nil, usesFile: usesFile), whole.bytes <= budget {
        return whole
      }
    }
    let sides = sides
    for usesFile in [false, true] {
      let suitable = usesFile ? sides : sides.filter { $0 >= Self.comfortableSide }
      for side in suitable {
        let plan = try plan(side: side, usesFile: usesFile)
        if plan.bytes <= budget { return plan }
      }
    }
    return nil
  }

  /// The sides of tiles to try, the largest first.
  private var sides: [Int] {
    stride(from: Self.largestSide, through: leastSide, by: -16).filter {
      $0 < canvas(photo).longestSide
    }
  }

  private var leastSide: Int {
    // Smaller tiles would consist of their halos.
    2 * FeatureTiles.leastSide(layers, of: network)
  }

  /// The longest side of a picture of the photo's shape that fits in a budget; nil for none.
  private func largestSide(within budget: Int) throws -> Int? {
    func fits(_ side: Int) throws -> Bool {
      var smaller = self
      smaller.photo = photo.scaled(toLongestSide: side)
      smaller.paintings = paintings.map { $0.fitted(within: max(1, side)) }
      return try smaller.fitting(budget) != nil
    }
    var (low, high) = (64, photo.longestSide)
    guard (try? fits(low)) == true else { return nil }
    while high - low > max(1, low / 100) {
      let middle = (low + high) / 2
      if try fits(middle) { low = middle } else { high = middle }
    }
    return low
  }

  // MARK: Parts

  private var layers: [Layer] {
    options.usedLayers(content: contentLayers, style: styleLayers)
  }

  /// The photo with its margin.
  private func canvas(_ size: PixelSize) -> PixelSize {
    size.extended(by: options.margins(around: size, layers: layers))
  }

  /// The memory of a plan.
  ///
  /// - Parameters:
  ///   - side: the most rows and columns of a tile; nil for the whole picture.
  ///   - usesFile: whether what the optimizer remembers is in a temporary file.
  func plan(side: Int?, usesFile: Bool) throws -> MemoryPlan {
    let canvas = canvas(photo)
    let side = side.flatMap { $0 < canvas.longestSide ? $0 : nil }
    let tiles = side.map {
      FeatureTiles(canvas, side: $0, layers: layers, of: network)
    }
    let vector = Self.pixelBytes * canvas.pixels
    let active = options.optimizer.vectors.active
    let archived = archivedBytes(canvas)
    let content = contentBytes(canvas, tiles)
    let seen = tiles?.largest ?? canvas
    let maps = try mapBytes(seen)
    let tilePixels = tiles == nil ? 0 : 2 * Self.pixelBytes * seen.pixels
    let paintings = try paintingBytes(side: side)
    // Paintings are described before the picture's maps are allocated.
    let networkBytes =
      network.packedBytes(for: layers, kernels: kernels) + Self.processBytes
      + threads * Self.threadBytes
    let isContentInFile = usesFile && tiles != nil
    let parts = [
      MemoryPlan.Part(name: "network", bytes: networkBytes),
      MemoryPlan.Part(name: "pictures", bytes: pictureBytes + paintings.pictures),
      MemoryPlan.Part(name: "style", bytes: styleBytes),
      MemoryPlan.Part(
        name: "feature maps", bytes: max(maps + tilePixels, paintings.maps)),
      MemoryPlan.Part(name: "photo's features", bytes: isContentInFile ? 0 : content),
      MemoryPlan.Part(
        name: "optimizer", bytes: (active + 1) * vector + (usesFile ? 0 : archived)),
    ]
    let seenPixels = tiles?.seenPixels ?? canvas.pixels
    return MemoryPlan(
      parts: parts, tileSide: tiles?.largest.longestSide, tiles: tiles?.count ?? 1,
      overlap: Double(seenPixels) / Double(canvas.pixels),
      fileBytes: usesFile ? archived + (isContentInFile ? content : 0) : 0)
  }

  /// The bytes of a temporary file for a picture with its margin.
  func fileBytes(canvas: PixelSize) -> Int {
    let tiles = options.tileSide.flatMap { side in
      side < canvas.longestSide
        ? FeatureTiles(canvas, side: side, layers: layers, of: network) : nil
    }
    return archivedBytes(canvas) + (tiles == nil ? 0 : contentBytes(canvas, tiles))
  }

  /// The bytes of the optimizer's memory, of the pictures of steps, and for a large picture of the one
  /// whose forms it keeps.
  private func archivedBytes(_ canvas: PixelSize) -> Int {
    let forms = canvas.longestSide > ScalePlan.mostDetailedSide ? 1 : 0
    return (options.optimizer.vectors.remembered + Snapshots.most + forms)
      * ScratchFile.mappedBytes(Self.pixelBytes * canvas.pixels)
  }

  /// The bytes of a pixel's three channels.
  private static let pixelBytes = 3 * MemoryLayout<Float>.stride
  /// The memory of the process beside what is planned: code, libraries, the network's file.
  private static let processBytes = 85_000_000
  /// The memory of a thread for tiles of convolutions, and its share of sums.
  private static let threadBytes = 12_000_000

  /// The photo and its masks, the result beside its copy with the margin, and a gray copy of the photo
  /// for a luminance transfer.
  private var pictureBytes: Int {
    let copies = options.color == .luminance ? 3 : 2
    return (copies * Self.pixelBytes + 4 * masks) * photo.pixels
  }

  /// The paintings, and the maps that describe them one after the other.
  private func paintingBytes(side: Int?) throws -> (pictures: Int, maps: Int) {
    let layers = Set(styleLayers.shares.map(\.layer))
    let maps = try paintings.map { painting in
      let tiles = side.map {
        FeatureTiles(painting, side: $0, layers: layers, of: network)
      }
      let seen = tiles?.largest ?? painting
      return try FeatureExtractor.bytes(
        network: network, height: seen.height, width: seen.width, features: [], grams: layers,
        hasGradient: false, kernels: kernels)
    }
    return (paintings.reduce(0) { $0 + Self.pixelBytes * $1.pixels }, maps.max() ?? 0)
  }

  /// The maps of what the network sees at once.
  private func mapBytes(_ size: PixelSize) throws -> Int {
    let content = Set(contentLayers.shares.map(\.layer))
    let style = options.weights.style > 0 ? Set(styleLayers.shares.map(\.layer)) : []
    return try FeatureExtractor.bytes(
      network: network, height: size.height, width: size.width,
      features: content.union(isGuided ? style : []), grams: isGuided ? [] : style,
      hasGradient: true, kernels: kernels)
  }

  /// The photo's features that the content loss compares.
  private func contentBytes(_ canvas: PixelSize, _ tiles: FeatureTiles?) -> Int {
    let seen = tiles?.largest ?? canvas
    let bytes = contentLayers.shares.map(\.layer).reduce(0) { sum, layer in
      let positions = (seen.width / layer.stride + 1) * (seen.height / layer.stride + 1)
      return sum + ScratchFile.mappedBytes(4 * layer.channels * positions)
    }
    return (tiles?.count ?? 1) * bytes
  }

  /// The matrices of the style losses.
  private var styleBytes: Int {
    guard options.weights.style > 0 else { return 0 }
    let matrices = options.styleLoss == .wasserstein ? 14 : 6
    let elements = styleLayers.shares.reduce(0) { $0 + $1.layer.channels * $1.layer.channels }
    return max(1, masks) * matrices * elements * MemoryLayout<Float>.stride
  }
}

extension OptimizerChoice {
  /// The vectors of an optimization: those that a step computes with, and those that the optimizer
  /// remembers.
  var vectors: (active: Int, remembered: Int) {
    switch self {
    case .lbfgs(let history): LBFGS.vectors(history: history)
    // The point and the gradient before and after a step; Adam's moments.
    case .adam: (6, 0)
    case .gradientDescent: (4, 0)
    }
  }
}
