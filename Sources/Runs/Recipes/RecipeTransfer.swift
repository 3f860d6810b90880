import Files
import Foundation
import Impasto
import NetworkStore
import Pictures

/// The transfer that a recipe describes, with its files read and everything checked before the
/// work.
public struct RecipeTransfer: Sendable {
  /// The recipe with every setting resolved.
  public let recipe: Recipe
  /// What the result is made with.
  public let provenance: Provenance
  /// The transfer itself.
  public let transfer: StyleTransfer
  /// The photo; nil for a texture.
  public let photo: PictureFile?
  /// The result's size.
  public let size: PixelSize
  /// The paintings with the sizes that they are used at.
  public let styles: [(file: PictureFile, size: PixelSize, weight: Double)]
  /// A sentence about each setting that hardly has an effect.
  public let warnings: [String]
  /// The paths of every file that is read.
  let inputs: [String]
  /// What the pictures hold that does not come into the result.
  let notes: [String]
  /// The use of memory.
  public let memory: MemoryPlan

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - networks: networks that are open already.
  ///   - threads: the number of threads; nil for all processors that may be used.
  ///   - memory: the bytes of memory for the transfer; nil for most of what is available.
  ///   - recorded: the recipe file that the recipe comes from, whose checksums must match.
  ///   - checkSize: checks the result's size before a picture is decoded.
  ///   - adjust: changes options that no recipe has, such as those of a film's picture.
  /// - Throws: `SettingError`, `InputError`, `ChangedInputError`, `PictureError`, and the
  ///   network's errors.
  public init(
    _ recipe: Recipe, networks: NetworkCache = NetworkCache(), threads: Int? = nil,
    memory: Int? = nil, recorded: RecipeFile? = nil,
    checkSize: (PixelSize) throws -> Void = { _ in },
    adjust: (inout TransferOptions) -> Void = { _ in }
  ) throws {
    let files = try RecipeInputs(recipe)
    let filled = recipe.filled()
    let network = try recipe.network(from: networks)
    provenance = try Provenance(files: files.all, precision: network.precision)
    if let recorded, let before = recorded.provenance {
      try provenance.check(before, recipe: recorded.path)
    }
    let setup = TransferSetup(
      recipe: filled, files: files, network: network, threads: threads, memory: memory)
    try checkSize(setup.size)
    photo = files.photo
    size = setup.size
    inputs = files.all.map(\.path)
    styles = zip(zip(files.paintings, setup.styleSizes), filled.styleBlend ?? []).map {
      ($0.0, $0.1, $1)
    }
    var warnings: [String] = []
    (transfer, self.memory) = try setup.transfer(warnings: &warnings, adjust: adjust)
    self.warnings = warnings
    notes = [recipe.networkNote, try network.precision.note()].compactMap(\.self) + files.notes
    self.recipe = setup.resolved(transfer)
  }

  /// The encoding of a result at this path.
  ///
  /// - Parameters:
  ///   - format: the format; nil for that of the extension.
  ///   - includesMetadata: whether the result carries its recipe.
  /// - Throws: `SettingError` if the format does not support the recipe's bit depth.
  public func encoding(
    path: String, format: PictureFormat? = nil, includesMetadata: Bool
  ) throws -> PictureEncoding {
    var encoding = try recipe.encoding(path: path, format: format)
    encoding.resolution = photo?.resolution ?? .standard
    if includesMetadata {
      encoding.xmp = RecipeMetadata.packet(recipe.text(madeWith: provenance))
    }
    return encoding
  }
}

extension PictureFormat {
  /// Checks that the format can hold a picture.
  ///
  /// - Throws: `SettingError` with the key `size`.
  func check(_ size: PixelSize, path: String) throws {
    guard let longest = longestSide, size.longestSide > longest else { return }
    let suitable = PictureFormat.allCases.filter { ($0.longestSide ?? .max) >= size.longestSide }
    throw SettingError(
      "size", value: "\(size.longestSide)",
      problem: "\(path) can have at most \(longest) pixels on a side; use "
        + "\(PictureFormat.list(suitable)).")
  }
}

extension Recipe {
  /// The encoding of a result at this path, without metadata.
  ///
  /// - Parameter format: the format; nil for that of the extension.
  /// - Throws: `SettingError` if the format does not support the recipe's bit depth.
  public func encoding(path: String, format: PictureFormat? = nil) throws -> PictureEncoding {
    var encoding = PictureEncoding(format: try format ?? PictureFormat(path: path))
    if let bitDepth, !encoding.format.bitDepths.contains(bitDepth) {
      let suitable = PictureFormat.allCases.filter { $0.bitDepths.contains(bitDepth) }
      throw SettingError(
        "bit-depth", value: "\(bitDepth)",
        problem: "\(path) cannot hold it; use \(PictureFormat.list(suitable)).")
    }
    if let bitDepth { encoding.bitDepth = bitDepth }
    if let jpegQuality { encoding.quality = jpegQuality }
    return encoding
  }
}
