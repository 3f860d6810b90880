import Files
import Foundation
import ModelFiles
import Networks

/// Converts weights of any format, and installs them where every command finds them.
public struct ModelInstallation: Sendable {
  private let installed: InstalledModels
  private let precision: WeightPrecision

  public init(installed: InstalledModels = InstalledModels(), precision: WeightPrecision = .single)
  {
    self.installed = installed
    self.precision = precision
  }

  /// Writes a file's convolutions as safetensors, with their convention in the
  /// metadata.
  ///
  /// - Throws: `ModelFileError` and `NetworkError` of the source, and `FileError.unwritable`.
  public static func convert(
    _ source: String, to path: String, preprocessing: InputConvention.Name? = nil,
    precision: WeightPrecision = .single
  ) throws {
    let weights = try VGGWeights(
      ModelFile(path: source), convention: preprocessing.map { InputConvention($0) })
    let name = URL(fileURLWithPath: source).lastPathComponent
    try write(
      weights, from: (name, FileDigest.sha256(ofFile: source)), to: path, precision)
  }

  /// Writes a one-pass style network as safetensors, with its description in the metadata.
  ///
  /// - Parameters:
  ///   - predictor: the file of the network that describes paintings, for a network of arbitrary
  ///     styles whose file does not hold it.
  ///   - styleNames: the names of the styles of a network of several; nil for those of the file.
  /// - Throws: `ModelFileError` of the source, and `FileError.unwritable`.
  public static func convertStylizer(
    _ source: String, predictor: String? = nil, styleNames: [String]? = nil, to path: String,
    precision: WeightPrecision = .single
  ) throws {
    var network =
      try predictor.map { try StylizerNetwork(path: source, predictor: $0) }
      ?? StylizerNetwork(path: source)
    if let styleNames { network = try network.named(styleNames, path: source) }
    let sources = [source, predictor].compactMap(\.self)
    let names = sources.map { URL(fileURLWithPath: $0).lastPathComponent }
    let digests = try sources.filter { !InputFile.isFolder($0) }.map {
      try FileDigest.sha256(ofFile: $0)
    }
    let metadata = [
      Metadata.source: names.joined(separator: " "),
      Metadata.sourceDigest: digests.joined(separator: " "),
    ]
    try AtomicFile.write(to: path) { write in
      try network.write(precision: precision, metadata: metadata, with: write)
    }
  }

  private static func write(
    _ weights: VGGWeights, from source: (name: String, digest: String), to path: String,
    _ precision: WeightPrecision
  ) throws {
    try AtomicFile.write(to: path) { write in
      try weights.write(precision: precision, source: source, with: write)
    }
  }

  /// An installed network.
  public struct Installed: Sendable {
    /// The network's name.
    public let name: String
    /// The problem with the file's digest, if the file has the name of a published one.
    public let warning: String?
  }

  /// Installs a local file.
  ///
  /// - Parameter name: the network's name; nil for the name of the catalog's network, if the file is
  ///   one of its files, and otherwise for the file's name without its extension.
  /// - Throws: `ModelsError`, `ModelFileError`, `NetworkError` and `FileError.unwritable`.
  public func install(
    file: String, name: String? = nil, preprocessing: InputConvention.Name? = nil
  ) throws -> Installed {
    guard InputFile.exists(file) else {
      throw NetworkError.unknownModel(file)
    }
    // First, because it refuses files that might never end, such as pipes.
    let model = try ModelFile(path: file)
    let digest = try FileDigest.sha256(ofFile: file)
    let known = PublishedFile.published(digest: digest)
    let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    let name = name ?? known?.model.name ?? stem
    guard (try? Model.named(name))?.isShipped != true else { throw ModelsError.shipped(name) }
    let weights = try VGGWeights(
      model, convention: preprocessing.map { InputConvention($0) } ?? known?.file.convention)
    let source = (URL(fileURLWithPath: file).lastPathComponent, digest)
    try put(weights, from: source, name: name)
    return Installed(name: name, warning: PublishedFile.warning(for: file, digest: digest))
  }

  /// Downloads a network of the catalog and installs it.
  ///
  /// - Parameters:
  ///   - base: a folder on a server with the catalog's files under their names, which replaces the
  ///     catalog's addresses.
  ///   - progress: receives each address that is tried, and the received and expected bytes.
  /// - Throws: `ModelsError.unreachable` with every address's reason, and what `install(file:)`
  ///   throws.
  public func install(
    _ model: Model, from base: URL? = nil,
    progress: @escaping @Sendable (ModelDownload.Progress) -> Void
  ) async throws {
    guard !model.isShipped else { throw ModelsError.shipped(model.name) }
    try makeFolder()
    var reasons: [String] = []
    for file in model.files {
      let addresses =
        base.map { [$0.appendingPathComponent(file.name)] }
        ?? file.addresses.compactMap { URL(string: $0) }
      for address in addresses {
        do {
          try await install(model, file, from: address, progress)
          return
        } catch let error as DownloadError {
          reasons.append("\(address.host ?? address.absoluteString): \(error)")
        }
      }
    }
    throw ModelsError.unreachable(model, reasons: reasons)
  }

  /// Downloads one of a network's files from one address.
  private func install(
    _ model: Model, _ file: PublishedFile, from address: URL,
    _ progress: @escaping @Sendable (ModelDownload.Progress) -> Void
  ) async throws {
    let part = installed.folder.appendingPathComponent(".\(model.name)-\(file.name).part").path
    progress(.trying(address))
    let digest = try await ModelDownload(file: file, address: address, part: part).run(progress)
    // Without a digest only this verifies that the file is a network.
    defer { try? FileManager.default.removeItem(atPath: part) }
    do {
      let weights = try VGGWeights(ModelFile(path: part), convention: file.convention)
      try put(weights, from: (file.name, digest), name: model.name)
    } catch is ModelFileError {
      throw DownloadError("the downloaded file is not a readable network")
    }
  }

  private func put(
    _ weights: VGGWeights, from source: (name: String, digest: String), name: String
  ) throws {
    let place = try installed.place(of: name)
    try makeFolder()
    try Self.write(weights, from: source, to: place, precision)
  }

  private func makeFolder() throws {
    do {
      try FileManager.default.createDirectory(
        at: installed.folder, withIntermediateDirectories: true)
    } catch {
      throw ModelsError.noFolder(installed.folder.path)
    }
  }
}
