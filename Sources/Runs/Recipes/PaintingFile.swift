import Foundation
import Impasto

/// A painting by its file, or by the name of a shipped one.
public enum PaintingFile {
  /// Opens it.
  ///
  /// - Throws: `RecipeError` if there is neither, and `PictureError.unreadable`.
  public static func opened(_ name: String, _ naming: SettingNaming) throws -> PictureFile {
    if FileManager.default.fileExists(atPath: name) { return try PictureFile(name) }
    guard let painting = Painting.catalogue.first(where: { $0.name == name }) else {
      throw RecipeError(
        "\(naming("style")) \(name): there is no such file, and no shipped painting of that name; "
          + "«impasto styles» lists them.")
    }
    return try PictureFile(painting.path(in: .located()))
  }
}
