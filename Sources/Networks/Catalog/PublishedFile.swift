import Files
import Foundation
import ModelFiles

/// A published file of weights.
public struct PublishedFile: Sendable, Hashable {
  /// The file's name.
  public let name: String
  /// The download addresses, in the order in which they are tried.
  public let addresses: [String]
  /// The size in bytes, if a public page states it.
  public let size: Int?
  /// The file's SHA-256, as far as it is published.
  public let digest: Digest
  /// The input format of the first convolution.
  public let convention: InputConvention

  package init(
    name: String, addresses: [String], size: Int?, digest: Digest, convention: InputConvention
  ) {
    self.name = name
    self.addresses = addresses
    self.size = size
    self.digest = digest
    self.convention = convention
  }

  /// A published SHA-256. docs/Models.md cites the page of each full digest.
  public enum Digest: Sendable, Hashable {
    /// All 64 hexadecimal digits.
    case full(String)
    /// The first digits, taken from the file's name.
    case firstDigits(String)
    case unknown

    /// Whether a file's digest is consistent with the published one.
    package func allows(_ digest: String) -> Bool {
      switch self {
      case .full(let known): digest == known
      case .firstDigits(let first): digest.hasPrefix(first)
      case .unknown: true
      }
    }
  }

  /// A warning for a file that has the name of a published file but a different digest.
  package static func warning(for path: String, digest: String) -> String? {
    let name = URL(fileURLWithPath: path).lastPathComponent
    let isOther = Model.catalog.flatMap(\.files).contains {
      $0.name == name && !$0.digest.allows(digest)
    }
    return isOther
      ? "its name is that of a published file with another SHA-256: it is damaged or was re-saved"
      : nil
  }

  /// The published file with a digest of 64 digits, and the network that it holds.
  package static func published(digest: String) -> (model: Model, file: PublishedFile)? {
    for model in Model.catalog {
      if let file = model.files.first(where: { $0.digest == .full(digest) }) {
        return (model, file)
      }
    }
    return nil
  }

  /// The published file with the SHA-256 of the file at a path.
  ///
  /// Only files with the size of a published file are hashed.
  ///
  /// - Throws: `FileError.unreadable`.
  package static func matching(_ path: String) throws -> PublishedFile? {
    guard let size = FileDigest.size(ofFile: path),
      Model.catalog.flatMap(\.files).contains(where: { $0.size == size })
    else { return nil }
    return published(digest: try FileDigest.sha256(ofFile: path))?.file
  }
}
