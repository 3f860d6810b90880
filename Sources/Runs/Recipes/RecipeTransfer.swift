import Files
import Foundation
import Impasto
import Pictures

/// The transfer that a recipe describes, with its files read and everything checked before the
/// work.
public struct RecipeTransfer: Sendable {
  /// The recipe with every setting resolved.
  public let recipe: Recipe
  /// What it is made with.
  public let provenance: Provenance
  /// The transfer itself.
  public let transfer: StyleTransfer
  /// The photo; nil for a texture.
  public let photo: PictureFile?
  /// The result's size.
  public let size: PixelSize
  /// The paintings with the sizes that they are looked at in.
  public let styles: [(file: PictureFile, size: PixelSize, weight: Double)]

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - network: the recipe's, if it is there already.
  ///   - threads: nil for all processors that may be used.
  ///   - naming: how settings are called in errors.
  ///   - recorded: the recipe file that the recipe comes from; its checksums have to hold.
  /// - Throws: `RecipeError`, `OptionError`, `PictureError`, and the network's errors.
  public init(
    _ recipe: Recipe, network: FeatureNetwork? = nil, threads: Int? = nil,
    naming: SettingNaming = .keys, recorded: RecipeFile? = nil
  ) throws {
    let files = try RecipeInputs(recipe, naming)
    let network = try network ?? recipe.network(naming)
    let filled = recipe.filled()
    provenance = try Provenance(files: files.all)
    if let recorded, let before = recorded.provenance {
      try provenance.check(before, recipe: recorded.path)
    }
    let setup = TransferSetup(
      recipe: filled, files: files, network: network, threads: threads, naming: naming)
    photo = files.photo
    size = setup.size
    styles = zip(zip(files.paintings, setup.styleSizes), filled.styleBlend ?? []).map {
      ($0.0, $0.1, $1)
    }
    do {
      transfer = try setup.transfer()
    } catch let error where error is NetworkError || error is OptionError {
      throw OptionError(files.photo.map { "\($0.path): \(error)" } ?? "\(error)")
    }
    self.recipe = setup.resolved(scales: transfer.scales)
  }

  /// How a result of this path is written, with the recipe in it.
  ///
  /// - Throws: `RecipeError` where the format cannot hold what the recipe wants.
  public func encoding(path: String, hasMetadata: Bool) throws -> PictureEncoding {
    var encoding = try recipe.encoding(path: path)
    if hasMetadata {
      encoding.xmp = RecipeMetadata.packet(recipe.text(madeWith: provenance))
    }
    return encoding
  }
}

extension Recipe {
  /// The network with the recipe's pooling and padding.
  ///
  /// - Throws: `RecipeError` for an unknown one, and `ModelFileError`.
  public func network(_ naming: SettingNaming = .keys) throws -> FeatureNetwork {
    let recipe = filled()
    do {
      return try FeatureNetwork(
        nameOrPath: recipe.model!, preprocessing: recipe.preprocessing, pooling: recipe.pooling!,
        padding: recipe.padding!)
    } catch let error as NetworkError {
      throw RecipeError("\(naming("model")): \(error)")
    } catch let error as ModelsError {
      throw RecipeError("\(naming("model")): \(error)")
    }
  }

  /// How a result of this path is written.
  ///
  /// - Throws: `RecipeError` where the format cannot hold what the recipe wants.
  public func encoding(path: String, _ naming: SettingNaming = .options) throws -> PictureEncoding {
    let format = try PictureFormat(path: path)
    if bitDepth == 16, !format.has16Bits {
      throw RecipeError("\(naming("bit-depth")) 16: \(path) cannot hold it; use .png or .tiff.")
    }
    return PictureEncoding(format: format, bitDepth: bitDepth ?? 8, quality: jpegQuality ?? 95)
  }
}
