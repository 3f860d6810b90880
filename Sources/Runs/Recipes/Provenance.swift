import Engine
import Files
import Foundation
import Impasto
import ModelFiles
import Pictures

/// The versions and the checksums of all files that a result was made with.
public struct Provenance: Sendable, Hashable {
  /// A name and its value.
  public struct Entry: Sendable, Hashable {
    /// The name of a program, or of a file as in the recipe.
    public let key: String
    /// Its version, or its SHA-256 in hexadecimal digits.
    public let value: String
  }

  /// Versions.
  public let madeWith: [Entry]
  /// SHA-256 of input files.
  public let digests: [Entry]

  /// Computes the checksums of files.
  ///
  /// - Parameters:
  ///   - files: each file's name in the recipe and its path.
  ///   - precision: the precision of the network. The kernels are named without what it does not use.
  /// - Throws: `FileError.unreadable`.
  init(files: [(name: String, path: String)], precision: Precision) throws {
    let kernels = try Kernels.chosen()
    madeWith = [
      Entry(key: "impasto", value: Release.version),
      Entry(key: "kernels", value: precision == .fast ? kernels.name : kernels.exactName),
      Entry(key: "libvips", value: PictureFile.vipsVersion),
    ]
    var digests: [Entry] = []
    for (name, path) in files where !digests.contains(where: { $0.key == name }) {
      digests.append(Entry(key: name, value: try FileDigest.sha256(ofFile: path)))
    }
    self.digests = digests
  }

  init(madeWith: RecipeDocument.Settings, digests: RecipeDocument.Settings) {
    self.madeWith = madeWith.map { Entry(key: $0.key, value: $0.value.description) }
    self.digests = digests.map { Entry(key: $0.key, value: $0.value.description) }
  }

  /// Checks that files are those that a result was made from.
  ///
  /// - Throws: `ChangedInputError` about the first that is not.
  func check(_ recorded: Provenance, recipe: String) throws {
    for entry in digests {
      guard let before = recorded.digests.first(where: { $0.key == entry.key }),
        before.value != entry.value
      else { continue }
      throw ChangedInputError(
        input: entry.key, recipe: recipe, digest: entry.value, recordedDigest: before.value)
    }
  }

  /// The versions that differ from those of a recipe, in words: another version may give other
  /// bytes.
  public func differences(from recorded: Provenance) -> [String] {
    madeWith.compactMap { entry in
      recorded.madeWith.first { $0.key == entry.key && $0.value != entry.value }.map {
        "\(entry.key) \(entry.value) instead of \($0.value)"
      }
    }
  }
}
