import Files
import Foundation
import ModelFiles
import Networks

/// A description of a file of weights.
public struct ModelInspection: Sendable {
  /// The file with its tensors.
  public let file: ModelFile
  /// The size in bytes.
  public let size: Int
  /// The SHA-256, 64 hexadecimal digits.
  public let digest: String
  /// The catalog's network and file of the same digest, if there is one.
  public let published: (model: String, file: String)?
  /// The problem with its digest, if it has the name of a published file.
  public let warning: String?
  private let convention: InputConvention?

  /// Opens a file, or the one of a network's name.
  ///
  /// - Throws: `ModelFileError`, and what `ModelPlace` throws.
  public init(nameOrPath: String) throws {
    let place = try ModelPlace(nameOrPath: nameOrPath)
    convention = place.convention
    file = try ModelFile(path: place.path)
    size = FileDigest.size(ofFile: place.path) ?? 0
    digest = try FileDigest.sha256(ofFile: place.path)
    warning = PublishedFile.warning(for: place.path, digest: digest)
    published = PublishedFile.published(digest: digest).map { ($0.model.name, $0.file.name) }
  }

  /// The network's convolutions.
  ///
  /// - Throws: as `VGGWeights` does.
  public func weights(preprocessing: InputConvention.Name? = nil) throws -> VGGWeights {
    try VGGWeights(file, convention: preprocessing.map { InputConvention($0) } ?? convention)
  }
}
