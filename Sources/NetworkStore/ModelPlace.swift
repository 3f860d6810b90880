import Files
import Networks

/// The location of a network's weights.
public struct ModelPlace: Sendable {
  /// The path of the file.
  public let path: String
  /// The catalog's convention for the network's pictures; nil for a network outside of it.
  let convention: InputConvention?

  /// Finds a network: an installed one, one that Impasto ships, or a file.
  ///
  /// - Throws: `NetworkError.unknownModel`, `ModelsError.notInstalled` and `ResourcesError`.
  public init(nameOrPath: String, installed: InstalledModels = InstalledModels()) throws {
    if let path = installed.path(of: nameOrPath) {
      self.path = path
      convention = nil
    } else if let model = try? Model.named(nameOrPath) {
      guard model.isShipped else { throw ModelsError.notInstalled(model) }
      path = try Resources.located().path(of: model)
      convention = model.files[0].convention
    } else if InputFile.exists(nameOrPath) {
      path = nameOrPath
      convention = nil
    } else {
      throw NetworkError.unknownModel(nameOrPath)
    }
  }
}
