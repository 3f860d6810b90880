import Files
import Impasto

/// Files that are read, none of which may be written over.
public struct InputFiles: Sendable {
  private let identities: Set<FileIdentity>

  /// Makes the set of the files at these paths; paths without a file are left out.
  public init(_ paths: [String]) {
    identities = Set(paths.compactMap(FileIdentity.init))
  }

  /// Refuses to write over a file of the set.
  ///
  /// - Parameter key: the setting that `path` comes from.
  /// - Throws: `SettingError`.
  public func checkNotInput(_ path: String, key: String) throws {
    guard let identity = FileIdentity(path), identities.contains(identity) else { return }
    throw SettingError(
      key, value: path, problem: "is an input and would be overwritten; choose another output.")
  }
}
