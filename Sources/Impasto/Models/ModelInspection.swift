import Foundation
import ModelFiles
import Networks

/// What can be told of a file of weights.
public struct ModelInspection: Sendable {
  /// Its tensors.
  public let file: ModelFile
  /// In bytes.
  public let size: Int
  /// Its SHA-256, 64 hexadecimal digits.
  public let digest: String
  /// The catalogue's network and file that it is; nil if it is none that has a digest.
  public let published: (model: String, file: String)?
  private let convention: InputConvention?

  /// Opens a file, or the one of a network's name.
  ///
  /// - Throws: `ModelFileError`, and what `ModelPlace` throws.
  public init(nameOrPath: String) throws {
    let place = try ModelPlace(nameOrPath: nameOrPath)
    convention = place.convention
    file = try ModelFile(path: place.path)
    let resolved = URL(fileURLWithPath: place.path).resolvingSymlinksInPath().path
    size = try FileManager.default.attributesOfItem(atPath: resolved)[.size] as? Int ?? 0
    let digest = try FileDigest.sha256(ofFile: place.path)
    self.digest = digest
    published =
      Model.catalogue.lazy.compactMap { model in
        model.files.first { $0.digest == .full(digest) }.map { (model.name, $0.name) }
      }.first
  }

  /// Its convolutions.
  ///
  /// - Throws: as `VGGWeights` does.
  public func weights(preprocessing: InputConvention.Name? = nil) throws -> VGGWeights {
    try VGGWeights(file, convention: preprocessing.map { InputConvention($0) } ?? convention)
  }
}
