import Files
import Impasto

extension PictureFile {
  /// Opens a painting by its file, which may be a pipe, or by the name of a shipped one.
  ///
  /// - Throws: `SettingError` with the key `style` if there is neither, and
  ///   `PictureError.unreadable`.
  public init(paintingNamed name: String) throws {
    if name == PipedFile.standardInput || InputFile.exists(name) {
      try self.init(name, acceptsPipe: true)
      return
    }
    guard let painting = Painting.catalog.first(where: { $0.name == name }) else {
      throw SettingError("style", value: name, cause: UnknownPaintingError())
    }
    try self.init(painting.path(in: .located()))
  }
}

/// A painting that is neither a file nor shipped.
public struct UnknownPaintingError: Error, Sendable, CustomStringConvertible {
  public var description: String {
    "there is no such file, and no shipped painting of that name."
  }
}
