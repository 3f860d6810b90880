import Foundation
import Networks

/// The folder of the files that Impasto ships: `models/`, `presets/` and `styles/`.
public struct Resources: Sendable {
  /// The folder that holds `models` and `styles`.
  public let folder: URL

  /// The name of the environment variable that overrides the search.
  public static let environmentVariable = "IMPASTO_RESOURCES"

  /// Looks for the folder, in this order: the environment variable
  /// `IMPASTO_RESOURCES`; `../share/impasto` beside the resolved executable, where
  /// `make install` puts it; the bundle that SwiftPM puts beside the executable.
  ///
  /// - Throws: `ResourcesError` when it is in none of these places.
  public static func located(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    executable: URL? = Bundle.main.executableURL
  ) throws -> Resources {
    if let path = environment[environmentVariable] {
      let folder = URL(fileURLWithPath: path, isDirectory: true)
      guard isResourcesFolder(folder) else { throw ResourcesError.notAt(path) }
      return Resources(folder: folder)
    }
    let places = executable.map { self.places(beside: $0.resolvingSymlinksInPath()) } ?? []
    guard let folder = places.first(where: isResourcesFolder) else {
      throw ResourcesError.notFound(places.map(\.path))
    }
    return Resources(folder: folder)
  }

  private static func places(beside executable: URL) -> [URL] {
    let folder = executable.deletingLastPathComponent()
    return [
      folder.deletingLastPathComponent().appendingPathComponent("share/impasto", isDirectory: true),
      // `Bundle.module` would end the program where its bundle is missing.
      folder.appendingPathComponent("Impasto_NetworkStore.resources", isDirectory: true),
      folder.appendingPathComponent("Impasto_NetworkStore.bundle", isDirectory: true),
    ]
  }

  private static func isResourcesFolder(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("models").path)
  }

  /// The path of a small photo for checking networks.
  public var samplePhoto: String {
    folder.appendingPathComponent("models/sample-photo.jpg").path
  }

  /// The path of a shipped model's weights.
  public func path(of model: Model) -> String {
    folder.appendingPathComponent("models/\(model.name).safetensors").path
  }
}

/// The reason why the files that Impasto ships were not found.
public enum ResourcesError: Error, Sendable, CustomStringConvertible {
  /// `IMPASTO_RESOURCES` names a folder without them.
  case notAt(String)
  /// They are in none of the usual places.
  case notFound([String])

  public var description: String {
    switch self {
    case .notAt(let path):
      "\(Resources.environmentVariable)=\(path): the folder has no subfolder models. Install Impasto again, or unset the variable."
    case .notFound(let places):
      "the network that Impasto ships was not found in \(places.joined(separator: " or ")). "
        + "Install Impasto again, or set \(Resources.environmentVariable)."
    }
  }
}
