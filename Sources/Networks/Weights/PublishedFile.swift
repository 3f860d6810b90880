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

  /// The published file whose name a file has although its digest is another one: damaged, or
  /// saved anew under the old name.
  package static func contradicted(by path: String, digest: String) -> PublishedFile? {
    let name = URL(fileURLWithPath: path).lastPathComponent
    return Model.catalogue.flatMap(\.files).first {
      $0.name == name && $0.addresses.count > 0 && !$0.digest.allows(digest)
    }
  }

  /// The published file that a file is, by its whole SHA-256; nil if it is none. Only files of
  /// the right size are read.
  ///
  /// - Throws: `ModelFileError.unreadable`.
  package static func matching(_ path: String) throws -> PublishedFile? {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
    guard let size = attributes?[.size] as? Int else { return nil }
    let candidates = Model.catalogue.flatMap(\.files).filter { $0.size == size }
    guard candidates.contains(where: { if case .full = $0.digest { true } else { false } }) else {
      return nil
    }
    let digest = Digest.full(try FileDigest.sha256(ofFile: path))
    return candidates.first { $0.digest == digest }
  }
}
