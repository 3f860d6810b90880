import Files
import Impasto
import NetworkStore
import Pictures

/// The one-pass network that styles stand for, and what it paints in.
///
/// A style is a network's file, perhaps with the number of one of its styles (`FILE:3`), the name of a
/// shipped trained style, or a painting.
struct StyleSelection {
  /// The network's name or file in messages.
  let networkName: String
  /// The path of the network's file.
  let networkPath: String
  let network: StylizerNetwork
  let source: Source

  enum Source {
    /// The network's only style.
    case own
    /// Weights of the network's styles.
    case blend([Float])
    /// Paintings with their weights.
    case paintings([(file: PictureFile, weight: Float)])
  }

  /// Finds the network.
  ///
  /// - Throws: `SettingError`, `ModelFileError`, `PictureError` and `ResourcesError`.
  init(_ recipe: Recipe) throws {
    guard let styles = recipe.style, !styles.isEmpty else {
      throw SettingError(
        "style",
        problem: "is missing; name a trained style, a network's file or a painting.")
    }
    let total = (recipe.styleBlend ?? styles.map { _ in 1 }).reduce(0, +)
    let weights = (recipe.styleBlend ?? styles.map { _ in 1 }).map { Float($0 / total) }
    let resolved = try Self.resolved(styles, areForNetwork: recipe.network != nil)
    if case .painting = resolved[0] {
      let paintings = try zip(zip(styles, resolved), weights).map { pair, weight in
        guard case .painting(let file) = pair.1 else { throw Self.mixed(pair.0) }
        return (file: file, weight: weight)
      }
      let path = try recipe.network ?? TrainedStyles.path(of: TrainedStyles.arbitrary)
      networkName = recipe.network ?? TrainedStyles.arbitrary
      networkPath = path
      network = try StylizerNetwork(path: path)
      guard network.styles == .arbitrary else {
        throw SettingError(
          "network", value: networkName,
          problem: "has styles of its own, so a painting cannot be its style.")
      }
      source = .paintings(paintings)
      return
    }
    guard recipe.network == nil else {
      throw SettingError(
        "network", value: recipe.network!,
        problem: "is for paintings; leave it out for a trained style.")
    }
    guard case .trained(let name, let path, _) = resolved[0] else { preconditionFailure() }
    (networkName, networkPath) = (name, path)
    network = try StylizerNetwork(path: path)
    let rows = try zip(styles, resolved).map { style, resolved -> String? in
      guard case .trained(_, path, let row) = resolved else { throw Self.mixed(style) }
      return row
    }
    source = try Self.source(rows, weights, of: network, styles)
  }

  /// What styles stand for. The name of a painting with a trained style stands for that, except for a
  /// network of any style, and beside paintings without one.
  private static func resolved(_ styles: [String], areForNetwork: Bool) throws -> [Style] {
    let resolved = try styles.map { try Style($0) }
    let hasPaintings = resolved.contains { if case .painting = $0 { true } else { false } }
    guard areForNetwork || hasPaintings else { return resolved }
    return try zip(styles, resolved).map { style, resolved in
      Painting.catalog.contains { $0.name == style } && !InputFile.exists(style)
        ? .painting(try PictureFile(paintingNamed: style)) : resolved
    }
  }

  /// A style of the network that is not blended.
  struct OnlyStyle {
    /// The style's name or number; nil for the style of a network of a single one.
    let name: String?
    let style: StylizerStyle
  }

  /// The selected style; nil for a blend of styles, and for paintings.
  var onlyStyle: OnlyStyle? {
    switch source {
    case .own: return OnlyStyle(name: nil, style: .own)
    case .blend(let weights):
      let selected = weights.indices.filter { weights[$0] != 0 }
      guard selected.count == 1 else { return nil }
      let names = network.styleNames
      return OnlyStyle(
        name: names.isEmpty ? "\(selected[0])" : names[selected[0]], style: .blend(weights))
    case .paintings: return nil
    }
  }

  /// The painting that the network was trained for; nil for a blend of styles, and for a file without
  /// it.
  ///
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  func trainedPainting() throws -> Picture? {
    guard !InputFile.isFolder(networkPath), let onlyStyle else { return nil }
    return try TrainedStyleMetadata.painting(of: onlyStyle.name, networkPath: networkPath)
  }

  private static func source(
    _ rows: [String?], _ weights: [Float], of network: StylizerNetwork, _ styles: [String]
  ) throws -> Source {
    switch network.styles {
    case .single:
      guard rows.count == 1, rows[0] == nil else {
        throw SettingError(
          "style", value: styles.last!,
          problem: "the network has a single style, which cannot be blended.")
      }
      return .own
    case .several(let count):
      var blend = [Float](repeating: 0, count: count)
      for ((row, style), weight) in zip(zip(rows, styles), weights) {
        guard let row, let index = network.styleNames.firstIndex(of: row) ?? Int(row),
          blend.indices.contains(index)
        else {
          throw SettingError(
            "style", value: style,
            problem:
              "the network has \(count) styles; choose one with \(style.split(separator: ":")[0]):0 to :\(count - 1)."
          )
        }
        blend[index] += weight
      }
      return .blend(blend)
    case .arbitrary:
      throw SettingError(
        "style", value: styles[0],
        problem:
          "this network paints in the style of any painting; give it as --network, and a painting as the style."
      )
    }
  }

  private static func mixed(_ style: String) -> SettingError {
    SettingError(
      "style", value: style,
      problem: "styles of different networks cannot be blended.")
  }

  /// What a style's text stands for.
  private enum Style {
    /// A network, and the name or number of one of its styles.
    case trained(name: String, path: String, row: String?)
    case painting(PictureFile)

    init(_ text: String) throws {
      if InputFile.exists(text) {
        do {
          guard !InputFile.isFolder(text) else { throw UnknownStyleError() }
          self = .painting(try PictureFile(text))
        } catch {
          // A file with a picture's name is a damaged picture rather than a network.
          guard (try? PictureFormat(path: text)) == nil else { throw error }
          self = .trained(name: text, path: text, row: nil)
        }
        return
      }
      if let colon = text.lastIndex(of: ":"), InputFile.exists(String(text[..<colon])) {
        let file = String(text[..<colon])
        self = .trained(name: file, path: file, row: String(text[text.index(after: colon)...]))
        return
      }
      if try TrainedStyles.names().contains(text) {
        self = .trained(
          name: TrainedStyles.several, path: try TrainedStyles.path(of: TrainedStyles.several),
          row: text)
        return
      }
      do {
        self = .painting(try PictureFile(paintingNamed: text))
      } catch let error as SettingError where error.cause is UnknownPaintingError {
        throw SettingError("style", value: text, cause: UnknownStyleError())
      }
    }
  }
}

/// A style that is neither a file nor shipped.
public struct UnknownStyleError: Error, Sendable, CustomStringConvertible {
  public var description: String {
    "there is no such file, no trained style and no shipped painting of that name."
  }
}
