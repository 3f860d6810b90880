import Foundation
import Networks

/// The networks in the user's data folder, a safetensors file each.
public struct InstalledModels: Sendable {
  /// The folder; it may not exist yet.
  public let folder: URL

  private static let suffix = ".safetensors"

  /// The folder `models` of ``DataFolder``.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    folder = DataFolder.url(environment).appendingPathComponent("models", isDirectory: true)
  }

  /// The names of the installed networks, sorted.
  public var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
      .map { String($0.dropLast(Self.suffix.count)) }.sorted()
  }

  /// The path of the file that a network of this name has or would have.
  ///
  /// - Throws: `ModelsError.impossibleName`.
  public func place(of name: String) throws -> String {
    guard Self.isPossible(name) else { throw ModelsError.impossibleName(name) }
    return folder.appendingPathComponent(name + Self.suffix).path
  }

  /// The file of an installed network; nil if none has this name.
  public func path(of name: String) -> String? {
    guard let path = try? place(of: name), FileManager.default.fileExists(atPath: path) else {
      return nil
    }
    return path
  }

  /// Removes a network.
  ///
  /// - Throws: `ModelsError.noneOfThisName`, and the system's error.
  public func remove(_ name: String) throws {
    guard let path = path(of: name) else { throw ModelsError.noneOfThisName(name) }
    try FileManager.default.removeItem(atPath: path)
  }

  /// Whether a name can be a file name and cannot be mistaken for a path.
  private static func isPossible(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 100
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }
}

/// Why a network could not be found, installed or removed.
public enum ModelsError: Error, Sendable, CustomStringConvertible {
  case notInstalled(Model)
  case noneOfThisName(String)
  case impossibleName(String)
  /// Every address of the network failed.
  case unreachable(Model, reasons: [String])
  /// A network that comes with Impasto, which an installed one must not hide.
  case shipped(String)
  /// The folder for networks cannot be created.
  case noFolder(String)

  public var description: String {
    switch self {
    case .notInstalled(let model):
      "the network \(model.name) is not installed."
    case .noneOfThisName(let name):
      "no network named \(name) is installed."
    case .impossibleName(let name):
      "\(name.prefix(40)) cannot be a network's name: use letters, digits, dots, dashes and "
        + "underscores."
    case .unreachable(let model, let reasons):
      "\(model.name) could not be downloaded (\(reasons.joined(separator: "; ")))."
    case .shipped(let name): "\(name) comes with Impasto; choose another name."
    case .noFolder(let path):
      "\(path): cannot create the folder for networks; set XDG_DATA_HOME to another one."
    }
  }
}
