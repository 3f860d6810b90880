import Files
import Impasto
import NetworkStore

extension PictureFile {
  /// Opens a painting by its file, which may be a pipe, or by the name of a shipped one.
  ///
  /// - Throws: `SettingError` with the key `style` if there is neither, and
  ///   `PictureError.unreadable`.
  public init(paintingNamed name: String) throws {
    if name == PipedFile.standardInput || InputFile.exists(name) {
      do {
        try self.init(name, acceptsPipe: true)
      } catch {
        guard name != PipedFile.standardInput, (try? StylizerNetwork(path: name)) != nil else {
          throw error
        }
        throw SettingError("style", value: name, cause: TrainedStyleError())
      }
      return
    }
    guard let painting = Painting.catalog.first(where: { $0.name == name }) else {
      if (try? TrainedStyles.names())?.contains(name) == true {
        throw SettingError("style", value: name, cause: TrainedStyleError())
      }
      throw SettingError("style", value: name, cause: UnknownPaintingError())
    }
    try self.init(painting.path(in: .located()))
  }
}

/// A trained style where a painting is needed.
public struct TrainedStyleError: Error, Sendable, CustomStringConvertible {
  public var description: String {
    "this is a trained style, not a painting; impasto stylize repaints in it."
  }
}

/// A painting that is neither a file nor shipped.
public struct UnknownPaintingError: Error, Sendable, CustomStringConvertible {
  public var description: String {
    "there is no such file, and no shipped painting of that name."
  }
}
