import Foundation
import Networks

/// Where the weights of a network are that somebody named.
public struct ModelPlace: Sendable {
  /// The file.
  public let path: String
  /// How it wants its pictures, where the catalogue says so.
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
    } else if FileManager.default.fileExists(atPath: nameOrPath) {
      path = nameOrPath
      convention = nil
    } else {
      throw NetworkError.unknownModel(nameOrPath)
    }
  }
}
