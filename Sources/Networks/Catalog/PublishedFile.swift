import Files
import Foundation
import ModelFiles

/// A file of weights that somebody published.
public struct PublishedFile: Sendable, Hashable {
  /// Its name.
  public let name: String
  /// Where it can be downloaded, the first place first.
  public let addresses: [String]
  /// In bytes; nil where no page says so.
  public let size: Int?
  /// What is known of its SHA-256.
  public let digest: Digest
  /// How it wants its picture.
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

  /// What pages tell of a SHA-256. Each full digest's page is in docs/Models.md.
  public enum Digest: Sendable, Hashable {
    /// All 64 hexadecimal digits.
    case full(String)
    /// The first digits, which stand in the file's name.
    case firstDigits(String)
    case unknown

    /// Whether a digest is not another one.
    package func allows(_ digest: String) -> Bool {
      switch self {
      case .full(let known): digest == known
      case .firstDigits(let first): digest.hasPrefix(first)
      case .unknown: true
      }
    }
  }

  /// What is wrong with a file whose name is that of a published one, but whose digest is
  /// another; nil if nothing is.
  package static func warning(for path: String, digest: String) -> String? {
    let name = URL(fileURLWithPath: path).lastPathComponent
    let isOther = Model.catalogue.flatMap(\.files).contains {
      $0.name == name && !$0.digest.allows(digest)
    }
    return isOther
      ? "its name is that of a published file with another SHA-256: it is damaged, or was saved anew"
      : nil
  }

  /// The published file of a digest, all 64 digits, and the network that it holds.
  package static func published(digest: String) -> (model: Model, file: PublishedFile)? {
    for model in Model.catalogue {
      if let file = model.files.first(where: { $0.digest == .full(digest) }) {
        return (model, file)
      }
    }
    return nil
  }

  /// The published file that a file is, by its SHA-256; nil if it is none. Only files of the
  /// right size are read.
  ///
  /// - Throws: `FileError.unreadable`.
  package static func matching(_ path: String) throws -> PublishedFile? {
    guard let size = FileDigest.size(ofFile: path),
      Model.catalogue.flatMap(\.files).contains(where: { $0.size == size })
    else { return nil }
    return published(digest: try FileDigest.sha256(ofFile: path))?.file
  }
}
