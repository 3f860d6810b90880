#if Studio
import Files
import Foundation
import Impasto
import NetworkStore
import Pictures

/// A style that ships with Impasto.
struct StudioStyle: Sendable, Codable {
  let name: String
  /// The painting's title; the style's name if it has no painting.
  let title: String
  let painter: String?
  let year: String?
  /// Whether a network was trained for it, so that it paints in one pass by itself.
  let isTrained: Bool
  /// Whether there is a painting, which an optimization needs.
  let isPainting: Bool

  /// All styles: first those with painting and network, then the other paintings, then the other networks.
  ///
  /// - Throws: `ResourcesError` and `ModelFileError`.
  static func all() throws -> [StudioStyle] { try catalog.get() }

  private static let catalog = Result {
    let trained = try TrainedStyles.names()
    let paintings = Painting.catalog.map { painting in
      StudioStyle(
        name: painting.name, title: painting.title, painter: painting.painter,
        year: painting.year, isTrained: trained.contains(painting.name), isPainting: true)
    }
    let names = Set(paintings.map(\.name))
    let others = trained.filter { !names.contains($0) }.map { name in
      StudioStyle(
        name: name, title: name.replacingOccurrences(of: "-", with: " ").capitalized,
        painter: nil, year: nil, isTrained: true, isPainting: false)
    }
    return paintings.filter(\.isTrained) + paintings.filter { !$0.isTrained } + others
  }
}

/// Draws the thumbnails of styles, each once.
actor StyleThumbnails {
  private var drawn: [String: Data] = [:]
  private static let side = 240

  /// A JPEG file: the painting, or the sample photo in a style without one.
  ///
  /// - Throws: `ResourcesError`, `ModelFileError` and `PictureError`.
  func thumbnail(_ style: StudioStyle) throws -> Data {
    if let data = drawn[style.name] { return data }
    let picture =
      style.isPainting
      ? try Picture(contentsOf: painting(style.name), longestSide: Self.side)
      : try sample(in: style.name)
    let data = try picture.encoded(PictureEncoding(format: .jpg), path: "\(style.name).jpg")
    drawn[style.name] = data
    return data
  }

  private func painting(_ name: String) throws -> String {
    try Painting.catalog.first { $0.name == name }!.path(in: .located())
  }

  private func sample(in style: String) throws -> Picture {
    let network = try StylizerNetwork.shipped(TrainedStyles.several)
    let photo = try Picture(contentsOf: Resources.located().samplePhoto, longestSide: Self.side)
    return try Stylizer(network).stylized(photo, style: .named(style, of: network))
  }
}
#endif
