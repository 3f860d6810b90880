import Engine
import Files
import Foundation
import Impasto
import NetworkStore
import Pictures

/// A one-pass network that is ready to repaint the photos of one recipe.
///
///     let job = try StylizeJob(recipe: recipe)
///     let result = try job.run(photo: "photo.jpg", output: "out.png")
///
/// Only one thread at a time may use a job.
public final class StylizeJob {
  /// The settings, with their defaults.
  public let recipe: Recipe
  /// A sentence about the network that paints.
  public let networkNote: String
  private let selection: StyleSelection
  private let stylizer: Stylizer
  private let recorded: RecipeFile?
  /// The number of threads of the network.
  let threads: Int
  /// The memory that a picture may take, in bytes.
  let memory: Int
  /// The style; nil for a painting that is recolored like each photo.
  private var style: StylizerStyle?
  /// The painting of a trained network, which photos are recolored like; nil if they are not.
  private let trainedPainting: Picture?

  /// Opens the network and the paintings.
  ///
  /// - Parameters:
  ///   - recorded: the recipe file that the recipe comes from, whose checksums must match.
  ///   - threads: the number of threads; nil for all processors that may be used.
  ///   - memory: the memory that a picture may take, in bytes; nil for three quarters of what is
  ///     available.
  /// - Throws: `SettingError`, `ModelFileError`, `PictureError` and `ResourcesError`.
  public init(
    recipe: Recipe, recorded: RecipeFile? = nil, threads: Int? = nil, memory: Int? = nil
  ) throws {
    var recipe = recipe
    recipe.method = .onePass
    try recipe.check()
    guard recorded == nil || recorded!.recipe.method == .onePass else {
      throw SettingError(
        "recipe", value: recorded!.path,
        problem: "is of an optimization; repeat it with impasto transfer.")
    }
    selection = try StyleSelection(recipe)
    recipe.strength = recipe.strength ?? 1
    recipe.color = recipe.color ?? ColorChoice.none
    recipe.colorBefore = recipe.colorBefore ?? ColorChoice.none
    recipe.precision = recipe.precision ?? recipe.defaults.precision
    recipe.bitDepth = recipe.bitDepth ?? Recipe.defaults.bitDepth
    recipe.jpegQuality = recipe.jpegQuality ?? Recipe.defaults.jpegQuality
    self.recipe = recipe
    self.recorded = recorded
    stylizer = try Stylizer(
      selection.network, threads: threads, precision: recipe.precision!)
    stylizer.memory = memory
    self.threads = threads ?? ProcessorCount.available
    self.memory = memory ?? AvailableMemory.bytes / 4 * 3
    switch selection.source {
    case .own: style = .own
    case .blend(let weights): style = .blend(weights)
    case .paintings: style = nil
    }
    trainedPainting =
      style != nil && recipe.colorBefore?.method != nil
      ? try Self.trainedPainting(selection) : nil
    networkNote =
      switch selection.source {
      case .own: "The network is \(selection.networkName), which was trained for one style."
      case .blend(let weights):
        "The network is \(selection.networkName), which was trained for \(weights.count) styles."
      case .paintings: "The network is \(selection.networkName), which paints in any style."
      }
  }

  /// A job of the same recipe with a network of its own.
  ///
  /// - Throws: as `init`.
  func copy(threads: Int) throws -> StylizeJob {
    try StylizeJob(recipe: recipe, recorded: recorded, threads: threads, memory: memory)
  }

  /// A repainted photo.
  public struct Result: Sendable {
    /// The result's size.
    public let size: PixelSize
    /// The photo.
    public let photo: PictureFile
    /// The path of the result.
    public let output: String
    /// The seconds that the network took, without reading and writing.
    public let networkSeconds: Double
    /// What the pictures hold that is not used.
    public let notes: [String]
  }

  /// Repaints a photo and writes the result.
  ///
  /// - Parameters:
  ///   - output: the path of the result, `-` for standard output.
  ///   - format: the format; nil for that of the extension.
  ///   - includesMetadata: whether the result carries its recipe.
  ///   - progress: receives the part of the work that is done, for a picture in tiles.
  /// - Throws: `PictureError`, `SettingError`, `InputError` and `ChangedInputError`.
  public func run(
    photo path: String, output: String, format: PictureFormat? = nil,
    includesMetadata: Bool = true, progress: (Double) -> Void = { _ in }
  ) throws -> Result {
    let file = try PictureFile(path, acceptsPipe: true)
    var recipe = recipe
    recipe.content = path
    let size = recipe.resultSize(of: file.size)
    recipe.size = .longestSide(size.longestSide)
    var encoding = try recipe.encoding(path: output, format: format)
    encoding.resolution = file.resolution ?? .standard
    if includesMetadata || recorded != nil {
      let provenance = try Provenance(files: inputs(file, path), precision: recipe.precision!)
      if let recorded, let before = recorded.provenance {
        try provenance.check(before, recipe: recorded.path)
      }
      if includesMetadata {
        encoding.xmp = RecipeMetadata.packet(recipe.text(madeWith: provenance))
      }
    }
    try checkColorMemory(size)
    let photo = try file.packed(size)
    let (picture, seconds) = try repainted(
      photo, path: path, depth: encoding.depth, progress: progress)
    try picture.write(to: output, encoding)
    return Result(
      size: picture.size, photo: file, output: output, networkSeconds: seconds, notes: file.notes)
  }

  /// Repaints a picture.
  ///
  /// - Parameters:
  ///   - path: the file that the picture is from, for messages.
  ///   - depth: the depth of the result.
  ///   - progress: receives the part of the work that is done, for a picture in tiles.
  /// - Returns: the result, and the seconds that the network took.
  /// - Throws: `InputError`, `SettingError` and `PictureError`.
  func repainted(
    _ photo: PackedPicture, path: String, depth: PackedPicture.Depth,
    progress: (Double) -> Void = { _ in }
  ) throws -> (picture: PackedPicture, networkSeconds: Double) {
    let recolored = try trainedPainting.map {
      PackedPicture(
        try photo.picture.recolored(like: $0, recipe.colorBefore!.method!), depth: .sixteen)
    }
    let start = ContinuousClock.now
    let picture: PackedPicture
    do {
      picture = try stylizer.stylized(
        recolored ?? photo, style: style(for: photo), strength: Float(recipe.strength!),
        depth: recipe.color?.method == nil ? depth : .float, progress: progress)
    } catch let error as NetworkError {
      throw InputError(path: path, cause: error)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    guard let method = recipe.color?.method else { return (picture, seconds) }
    let colored = try picture.picture.recolored(like: photo.picture, method)
    return (PackedPicture(colored, depth: depth), seconds)
  }

  /// Checks the memory of recoloring for pictures of a size.
  ///
  /// - Throws: `SettingError`.
  func checkColorMemory(_ size: PixelSize) throws {
    if recipe.color?.method != nil { try checkColorMemory("color", size) }
    if trainedPainting != nil { try checkColorMemory("color-before", size) }
  }

  /// Checks that recoloring, which needs floats of the whole photo and the result, fits in memory.
  private func checkColorMemory(_ key: String, _ size: PixelSize) throws {
    let bytesPerPixel = 80.0
    let needed = bytesPerPixel * Double(size.width) * Double(size.height)
    let available = Double(stylizer.memory ?? AvailableMemory.bytes / 4 * 3)
    guard needed > available else { return }
    throw SettingError(
      key,
      problem:
        "needs \(AvailableMemory.text(needed)) of memory for \(size) pixels, and \(AvailableMemory.text(available)) are available; leave it out, or choose a smaller size."
    )
  }

  /// The painting that the selected network was trained for.
  ///
  /// - Throws: `SettingError` if its file does not have it.
  private static func trainedPainting(_ selection: StyleSelection) throws -> Picture {
    if let painting = try selection.trainedPainting() { return painting }
    throw SettingError(
      "color-before",
      problem:
        "\(selection.networkName) does not have the colors of its painting; use --color, or give a painting as the style."
    )
  }

  /// Every file's name in the recipe and its path.
  private func inputs(_ photo: PictureFile, _ path: String) -> [(name: String, path: String)] {
    [(path, photo.location)] + styleFiles
  }

  /// The names in the recipe and the paths of the network and the paintings.
  var styleFiles: [(name: String, path: String)] {
    var files: [(String, String)] = []
    if case .paintings(let paintings) = selection.source {
      files += zip(recipe.style!, paintings.map(\.file.location))
    }
    // A folder of raw variables has no digest of its own.
    if !InputFile.isFolder(selection.networkPath) {
      files.append((selection.networkName, selection.networkPath))
    }
    return files.map { (name: $0.0, path: $0.1) }
  }

  /// The paths of the network and the paintings.
  public var inputPaths: [String] { styleFiles.map(\.path) }

  /// The style, with paintings described at their first use.
  private func style(for photo: PackedPicture) throws -> StylizerStyle {
    if let style { return style }
    guard case .paintings(let paintings) = selection.source else { preconditionFailure() }
    let like = try recipe.colorBefore?.method.map { method in
      (method, try photo.resized(to: photo.size.fitted(within: Self.paintingSide)))
    }
    var vector: [Float] = []
    for (file, weight) in paintings {
      var painting = try file.decoded(file.size.fitted(within: Self.paintingSide))
      if let (method, photo) = like { painting = try painting.recolored(like: photo, method) }
      let elements = try stylizer.style(of: painting).elements
      if vector.isEmpty { vector = elements.map { _ in 0 } }
      for index in elements.indices { vector[index] += weight * elements[index] }
    }
    let style = StylizerStyle.painting(StyleVector(vector))
    if recipe.colorBefore?.method == nil { self.style = style }
    return style
  }

  /// The longer side at which paintings are read, a multiple of what the network sees.
  private static let paintingSide = 1024
}
